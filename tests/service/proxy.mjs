// A load balancer in small: forwards to the instances whose /readyz says 200, and repeats nothing.
import { once } from "node:events";
import http from "node:http";

const PROBE_MS = 200;

/** Failed probes in a row that take an instance out, as load balancers count them. */
const UNHEALTHY_AFTER = 3;

export async function startProxy(instances) {
  const upstreams = instances.map(({ port }) => ({
    port,
    ready: false,
    failedProbes: 0,
    served: 0,
    agent: new http.Agent({ keepAlive: true }),
  }));
  const failures = [];
  let turn = 0;

  await Promise.all(upstreams.map(probe));
  const probing = upstreams.map((upstream) => keepProbing(upstream));

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
      for (const stop of probing) stop();
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

async function probe(upstream) {
  const ready = await isReady(upstream.port);
  upstream.failedProbes = ready ? 0 : upstream.failedProbes + 1;
  upstream.ready = ready || (upstream.ready && upstream.failedProbes < UNHEALTHY_AFTER);
}

/** One probe at a time. Returns the function that ends it. */
function keepProbing(upstream) {
  let timer;
  let stopped = false;
  const next = async () => {
    await probe(upstream);
    if (!stopped) timer = setTimeout(next, PROBE_MS);
  };
  timer = setTimeout(next, PROBE_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function isReady(port) {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port, path: "/readyz", agent: false, timeout: 2000 });
    request.on("error", () => resolve(false));
    request.on("timeout", () => request.destroy());
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
  });
}
