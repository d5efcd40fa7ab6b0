// Migrations run once, before the service starts. One that fails leaves the old version serving.
import { appendFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { dataAccess } from "../data-access.mjs";
import { count, holds, same } from "./counts.mjs";
import { attempt, inspect, sleep } from "./docker.mjs";
import { startLoad } from "./load.mjs";
import { presets, stackOf } from "./support.mjs";

for (const preset of presets) {
  describe(`${preset}: migrations`, () => {
    let stack;
    before(async () => {
      stack = (await stackOf(preset)).copy();
      // An empty database.
      await stack.down();
      await stack.up();
    });
    after(() => stack.down());

    test("run once, before the service starts", async () => {
      if (!stack.hasDatabase) {
        same("services", Object.keys((await stack.config()).services), ["app"]);
        return;
      }
      const ran = await applied(stack);
      same("migrations that ran", ran.length, 1);
      const [migrated, served] = [await stack.inspect(".State", "migrate"), await stack.inspect(".State")];
      same("exit code", migrated.ExitCode, 0);
      const gap = Date.parse(served.StartedAt) - Date.parse(migrated.FinishedAt);
      holds(`the service started ${gap} ms after they ended`, gap >= 0);
      await stack.up("--force-recreate");
      same("after another start, with the times at which they ran", await applied(stack), ran);
    });

    test("one that fails leaves the old version serving; mended, the new version comes", async () => {
      // Without a database there is no third command.
      if (!stack.hasDatabase) {
        holds("compose.yaml says nothing of migrations", !/migrat/.test(stack.file("compose.yaml")));
        return;
      }
      const update = /^# {3}(docker compose build && .*)$/m.exec(stack.file("compose.yaml"))[1];
      const before = await inspect(await stack.container(), ".Id");
      const ran = await applied(stack);
      const access = dataAccess(stack.directory);
      appendFileSync(path.join(stack.directory, "src/app.ts"), '\nexport const version = "new";\n');
      access.add(stack.directory, "new", "CREATE TABLE half_done (id bigint);\nALTER TABLE no_such_table ADD COLUMN x bigint;\n");

      const load = startLoad({ port: stack.port, clients: 5, request: () => stack.read });
      await sleep(500);
      const failed = await attempt("sh", ["-c", update], { cwd: stack.directory });
      await sleep(500);
      const { answered, failures } = await load.stop();
      count({ images_built: 1 });
      holds(`${update}: exit ${failed.code}`, failed.code !== 0, failed.output);
      holds("it says why", /no_such_table/.test(failed.output), failed.output);
      same(`requests that failed, of ${answered}`, failures, []);
      holds("there was load", answered > 50);
      holds("the old container still serves", (await stack.container()) === before && (await stack.inspect(".State.Running")));
      same("migrations that ran", await applied(stack), ran);
      same("what the failed one left", await query(stack, "SELECT to_regclass('half_done') IS NULL"), ["t"]);

      access.remove(stack.directory, "new");
      access.add(stack.directory, "new", "ALTER TABLE notes ADD COLUMN IF NOT EXISTS colour text;\n");
      const mended = await attempt("sh", ["-c", update], { cwd: stack.directory });
      count({ images_built: 1 });
      same("mended: exit code", mended.code, 0);
      same("migrations that ran", (await applied(stack)).length, ran.length + 1);
      holds("a new container serves", (await stack.container()) !== before && (await stack.fetch(stack.read)).ok);
    });
  });
}

/** What the database knows of every migration that ran. */
function applied(stack) {
  return query(stack, dataAccess(stack.directory).applied);
}

async function query(stack, sql) {
  const output = await stack.compose(
    "exec", "-T", "database", "psql", "-h", "/run/postgresql", "-U", stack.name, "-d", stack.name, "-tAc", sql,
  );
  return output.split("\n").filter(Boolean);
}
