/** Completes .next/standalone after `next build`, which leaves out what a CDN could serve. */
import { cpSync } from "node:fs";

const root = new URL("../../", import.meta.url);

for (const folder of ["public", ".next/static"]) {
  const target = new URL(`.next/standalone/apps/web/${folder}`, root);
  cpSync(new URL(folder, root), target, { recursive: true });
}
