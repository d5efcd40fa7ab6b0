test("creates a note", async (t) => {
  const request = await serveWith(t, { create: async (text) => ({ ...note, text }) });
  const response = await request("/notes", post({ text: "hello" }));
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("location"), "/notes/7");
  assert.deepEqual(await response.json(), sent);
});

test("refuses notes without text, with too much or with something else", async (t) => {
  const request = await serveWith(t, {});
  const bodies = [
    {},
    { text: "" },
    { text: "x".repeat(10_001) },
    { text: "\0" },
    { text: "a", id: 1 },
  ];
  for (const body of bodies) {
    const response = await request("/notes", post(body));
    assert.equal(response.status, 400, JSON.stringify(body).slice(0, 50));
  }
  assert.equal((await request("/notes", { method: "POST", body: "hello" })).status, 400);
});

test("finds a note, or says that there is none", async (t) => {
  const request = await serveWith(t, { find: async (id) => (id === "7" ? note : undefined) });
  assert.deepEqual(await (await request("/notes/7")).json(), sent);
  assert.equal((await request("/notes/8")).status, 404);
  assert.equal((await request("/notes/1'--")).status, 400);
});

test("lists a page, bounded", async (t) => {
  const pages: unknown[] = [];
  const request = await serveWith(t, {
    list: async (limit, before) => {
      pages.push([limit, before]);
      return [note];
    },
  });

  assert.deepEqual(await (await request("/notes")).json(), { notes: [sent] });
  assert.equal((await request("/notes?limit=5&before=7")).status, 200);
  assert.deepEqual(pages, [
    [20, undefined],
    [5, "7"],
  ]);
  assert.equal((await request("/notes?limit=101")).status, 400);
});
