// GitHub's own workflow parser over the files given: prints every diagnostic and exits 1 if there is one.
import { readFileSync } from "node:fs";
import { validate } from "@actions/languageservice/validate";
import { TextDocument } from "vscode-languageserver-textdocument";

async function main(files) {
  let found = 0;
  for (const [index, file] of files.entries()) {
    // The parser takes the kind of a file from its place, and keeps what it has read by this name.
    const uri = `file:///${index}/.github/workflows/${file.split("/").pop()}`;
    const document = TextDocument.create(uri, "yaml", 1, readFileSync(file, "utf8"));
    for (const { range, message } of await validate(document)) {
      console.log(`${file}:${range.start.line + 1}: ${message}`);
      found += 1;
    }
  }
  process.exitCode = found > 0 ? 1 : 0;
}

main(process.argv.slice(2));
