// Who reaches what: the service its database and Redis, and nothing else them.
import { before, describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, inspect, nodeIn, reach, run } from "./docker.mjs";
import { presets, stackOf } from "./support.mjs";

/** What each of them says to a stranger, and to what. */
const SERVERS = {
  database: { port: 5432, hello: "\0\0\0\x08\x04\xd2\x16\x2f", answer: /^[SN]/ },
  redis: { port: 6379, hello: "PING\r\n", answer: /^[+-]/ },
};

/**
 * Who answers at an address: the server's name, or how the attempt ends. A connection alone says little: a router
 * between here and nowhere may accept it.
 */
const ASK = (host, { port, hello, answer }) => `
  const socket = require("node:net").connect({ host: ${JSON.stringify(host)}, port: ${port}, timeout: 2000 });
  const end = (how) => { console.log(how); process.exit(0); };
  socket.on("connect", () => socket.write(${JSON.stringify(hello)}, "latin1"));
  socket.on("data", (data) => end(${answer}.test(data.toString("latin1")) ? "it answers" : "somebody else"));
  socket.on("timeout", () => end("timeout")).on("error", ({ code }) => end(code)).on("close", () => end("closed"));
`;

/** From a container of its own, in the given network. */
function askFrom(stack, network, host, server) {
  return docker("run", "--rm", "--network", network, stack.image, "-e", ASK(host, server));
}

for (const preset of presets) {
  describe(`${preset}: networks`, () => {
    let stack;
    let services;
    before(async () => {
      stack = await stackOf(preset);
      await stack.up();
      services = Object.keys(SERVERS).filter((name) => stack.has(name));
    });

    test("only the service's port is published, and only on this machine", async () => {
      same("what this machine reaches there", await reach("127.0.0.1", stack.port), "connected");
      const own = { [`${stack.port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(stack.port) }] };
      for (const name of Object.keys((await stack.config()).services)) {
        const bindings = await stack.inspect(".HostConfig.PortBindings", name);
        same(`published by ${name}`, bindings ?? {}, name === "app" ? own : {});
      }
    });

    test("the service reaches its dependencies", async () => {
      for (const name of services) {
        same(`${name} from the service`, await nodeIn(await stack.container(), ASK(name, SERVERS[name])), "it answers");
      }
      same("readiness", (await stack.fetch({ path: "/readyz" })).status, 200);
    });

    test("nothing else does", async () => {
      same("internal networks, one for each of them", Object.values((await stack.config()).networks).filter(({ internal }) => internal).length, services.length);
      for (const name of services) {
        const [[network, { IPAddress: address }]] = Object.entries(await stack.inspect(".NetworkSettings.Networks", name));
        same(`${name} by its address from its own network`, await askFrom(stack, network, address, SERVERS[name]), "it answers");
        for (const other of [`${stack.name}_edge`, "bridge"]) {
          for (const host of [name, address]) {
            const found = await askFrom(stack, other, host, SERVERS[name]);
            holds(`${host} from network ${other}: ${found}`, found !== "it answers");
          }
        }
        const { stdout: byHost } = await run(process.execPath, ["-e", ASK(address, SERVERS[name])]);
        holds(`${name} by its address from this machine: ${byHost.trim()}`, byHost.trim() !== "it answers");
        same(`${network} has no way out`, await inspect(network, ".Internal"), true);
        same(`connection from there to the outside`, await leave(stack, network), "ENETUNREACH");
      }
    });
  });
}

/** How a connection to the engine's machine ends, from a container in the network. */
async function leave(stack, network) {
  const [{ Gateway: gateway }] = await inspect("bridge", ".IPAM.Config");
  return askFrom(stack, network, gateway, { port: 9, hello: "", answer: /^/ });
}
