// A load balancer in small: forwards to the instances whose /readyz says 200, and repeats nothing.
import { once } from "node:events";
import http from "node:http";

const PROBE_MS = 100;

export async function startProxy(instances) {
  const upstreams = instances.map(({ port }) => ({
    port,
    ready: false,
    served: 0,
    agent: new http.Agent({ keepAlive: true }),
  }));
  const failures = [];
  let turn = 0;

  const probe = async (upstream) => {
    upstream.ready = await isReady(upstream.port);
  };
  const probing = setInterval(() => upstreams.forEach(probe), PROBE_MS);
  await Promise.all(upstreams.map(probe));

  const server = http.createServer((incoming, outgoing) => {
    const ready = upstreams.filter((upstream) => upstream.ready);
    turn += 1;
    forward(incoming, outgoing, ready[turn % ready.length], failures);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    upstreams,
    failures,
    close() {
      clearInterval(probing);
      for (const { agent } of upstreams) agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function forward(incoming, outgoing, upstream, failures) {
  const fail = (error) => {
    failures.push(String(error));
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end();
  };
  if (!upstream) return fail("no instance is ready");
  const { method, url: path, headers } = incoming;
  const options = { host: "127.0.0.1", port: upstream.port, method, path, agent: upstream.agent };
  const forwarded = http.request({ ...options, headers: { ...headers, connection: "keep-alive" } });
  forwarded.on("error", fail);
  forwarded.on("response", (response) => {
    upstream.served += 1;
    const { connection, "keep-alive": _, ...passed } = response.headers;
    outgoing.writeHead(response.statusCode, passed);
    response.on("error", fail).pipe(outgoing);
  });
  incoming.pipe(forwarded);
}

function isReady(port) {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port, path: "/readyz", agent: false, timeout: 1000 });
    request.on("error", () => resolve(false));
    request.on("timeout", () => request.destroy());
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
  });
}
