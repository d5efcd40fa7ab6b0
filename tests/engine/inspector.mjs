// JavaScript inside the service's own process, in the image as it is: SIGUSR1 makes Node.js open its inspector on the
// loopback interface of the container, and a second node in there speaks to it.
import { docker, eventually, nodeIn } from "./docker.mjs";

const CLIENT = `
  const [, expression] = process.argv;
  fetch("http://127.0.0.1:9229/json").then((response) => response.json()).then(([{ webSocketDebuggerUrl }]) => {
    const socket = new WebSocket(webSocketDebuggerUrl);
    socket.onopen = () => socket.send(JSON.stringify({
      id: 1, method: "Runtime.evaluate", params: { expression, returnByValue: true, includeCommandLineAPI: true },
    }));
    socket.onmessage = ({ data }) => {
      console.log(JSON.stringify(JSON.parse(data).result.result.value ?? null));
      process.exit(0);
    };
  });
`;

/** Runs an expression in the service's process and resolves to its value; `require` is there. */
export async function evaluate(container, expression) {
  // To the init process, which passes it on. From inside: after `docker kill` the engine would not restart the container.
  await nodeIn(container, 'process.kill(1, "SIGUSR1")');
  await eventually("the inspector listens", async () =>
    (await nodeIn(container, 'fetch("http://127.0.0.1:9229/json").then(() => console.log("yes"), () => console.log("no"))')) === "yes",
  );
  return JSON.parse(await docker("exec", container, "node", "-e", CLIENT, expression));
}
