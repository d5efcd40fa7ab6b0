// Cold and warm builds: a changed source line installs nothing.
import { appendFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, inspect } from "./docker.mjs";
import { presets, stackOf } from "./support.mjs";

/** What installs packages, and what compiles. */
const INSTALLS = /^RUN .*\bnpm (ci|install)\b/;
const COMPILES = /^RUN npm run build$/;

for (const preset of presets) {
  describe(`${preset}: builds`, () => {
    let stack;
    before(async () => {
      stack = (await stackOf(preset)).copy();
    });

    test("cold: every step runs", async () => {
      const before = await imagesOf(stack);
      const { output, ms } = await stack.build("--no-cache");
      const installs = steps(output).filter(({ command }) => INSTALLS.test(command));
      // npm itself, the production dependencies, and all of them for the build.
      same("steps that install, and are cached", installs.map(({ cached }) => cached), [false, false, false]);
      await report("cold build", stack, ms);
      same("images that one build leaves", (await imagesOf(stack)) - before, 1);
    });

    test("warm, after one changed source line: only the compiler runs", async () => {
      const line = "a line that was added between two builds";
      appendFileSync(path.join(stack.directory, "src/app.ts"), `\nexport const changed = ${JSON.stringify(line)};\n`);
      const { output, ms } = await stack.build();
      const all = steps(output);
      same("steps that install, and are cached", all.filter(({ command }) => INSTALLS.test(command)).map(({ cached }) => cached), [true, true, true]);
      same("the compiler's step is cached", all.filter(({ command }) => COMPILES.test(command)).map(({ cached }) => cached), [false]);
      const script = `console.log(require("node:fs").readFileSync("dist/app.js", "utf8").includes(${JSON.stringify(line)}))`;
      same("the image has the new line", await docker("run", "--rm", "--network", "none", stack.image, "-e", script), "true");
      await report("warm build", stack, ms);
    });

    test("again, with nothing changed: nothing runs", async () => {
      const { output, ms } = await stack.build();
      same("steps that ran", steps(output).filter(({ cached }) => !cached).map(({ command }) => command), []);
      await report("build of the same", stack, ms);
    });
  });
}

/** Also those that lost their tag. */
async function imagesOf(stack) {
  const ids = await docker("images", "--quiet", "--filter", `label=com.docker.compose.project=${stack.name}`);
  return ids.split("\n").filter(Boolean).length;
}

async function report(what, stack, ms) {
  const size = await inspect(stack.image, ".Size");
  holds(`${what}: ${(ms / 1000).toFixed(1)} s, ${(size / 1e6).toFixed(1)} MB`, size > 0);
}

/** RUN and COPY steps of BuildKit's plain output, each once: [{ command, cached }]. */
function steps(output) {
  const cached = new Set([...output.matchAll(/^#(\d+) CACHED$/gm)].map(([, id]) => id));
  const found = [...output.matchAll(/^#(\d+) \[[^\]]*\b\d+\/\d+\] ((?:RUN|COPY) .*)$/gm)];
  const commands = new Map(found.map(([, id, command]) => [id, command.replace(/--mount=\S+\s+/g, "")]));
  return [...commands].map(([id, command]) => ({ command, cached: cached.has(id) }));
}
