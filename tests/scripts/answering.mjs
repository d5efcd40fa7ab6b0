// Stand-ins that ask this process what to answer: a program of its own for each of the thousands of calls takes minutes.
import { createServer } from "node:net";

const answers = new Map();
const server = createServer(serve);
server.unref();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

/**
 * The text of a stand-in for `program` in the folder `root`. `answer(argv, { env, input })` returns { status, output };
 * the status "kill" kills the process group. `env` holds the variables that are named; `reads` says when it takes its input, and with
 * `errors` what it says with another status than 0 goes to stderr.
 */
export function standin(root, program, answer, { variables = [], reads = "", errors = false } = {}) {
  answers.set(`${root} ${program}`, { answer, variables });
  const sent = variables.map((name) => `"\${${name}-}"`).join(" ");
  return `#!/usr/bin/env bash
input=
if [[ -n '${reads}' && " $* " == *' ${reads} '* ]]; then
  IFS= read -r -d '' input
fi
exec 3<>/dev/tcp/127.0.0.1/${server.address().port}
printf '%s\\0' "$(($# + ${variables.length} + 2))" '${root} ${program}' "\${input}" ${sent} "$@" >&3
IFS= read -r status <&3
mapfile -u 3 lines
if [[ \${status} == kill ]]; then
  kill -KILL 0
fi
${errors ? "[[ ${status} == 0 ]] || exec >&2\n" : ""}printf '%s' "\${lines[@]}"
exit "\${status}"
`;
}

/** One connection is one call: how many words follow, then the words, each with a NUL after it. */
function serve(socket) {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {}); // the caller may be killed by now
  socket.on("data", (chunk) => {
    text += chunk;
    const [count, ...words] = text.split("\0");
    if (words.length <= Number(count)) return;
    const [key, input, ...rest] = words.slice(0, Number(count));
    const { answer, variables } = answers.get(key);
    const env = Object.fromEntries(variables.map((name, index) => [name, rest[index]]));
    const { status, output } = answer(rest.slice(variables.length), { env, input });
    socket.end(`${status}\n${output}`);
  });
}
