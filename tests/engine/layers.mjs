// What is in an image, layer by layer, as `docker save` writes it.
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { docker, run } from "./docker.mjs";

/**
 * Calls visit({ config, layers }) with the image's configuration, as text, and for each layer { id, entries, holds(text) }.
 * An entry is { path, kind, size in bytes, mode, uid, gid }; kind is "file", "directory" or "other".
 */
export async function withLayers(image, visit) {
  const directory = mkdtempSync(path.join(tmpdir(), "seaworthy-layers-"));
  try {
    const archive = path.join(directory, "image.tar");
    await docker("save", "--output", archive, image);
    await run("tar", ["-xf", archive, "-C", directory]);
    const [manifest] = JSON.parse(readFileSync(path.join(directory, "manifest.json"), "utf8"));
    const config = readFileSync(path.join(directory, manifest.Config), "utf8");
    const ids = JSON.parse(config).rootfs.diff_ids;
    const layers = manifest.Layers.map((name, index) => layer(ids[index], path.join(directory, name)));
    return await visit({ config, layers });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function layer(id, file) {
  return { id, entries: [...readTar(file)], holds: (text) => readFileSync(file).includes(text) };
}

const BLOCK = 512;

/** POSIX tar with pax headers and GNU long names, which is all that image builders write. */
function* readTar(file) {
  const descriptor = openSync(file, "r");
  const bytes = (at, length) => {
    const buffer = Buffer.alloc(length);
    if (readSync(descriptor, buffer, 0, length, at) !== length) throw new Error(`${file} ends at byte ${at}`);
    return buffer;
  };
  try {
    let named;
    for (let at = 0; ; ) {
      const header = bytes(at, BLOCK);
      if (header.every((byte) => byte === 0)) return;
      const entry = parseHeader(header);
      const body = () => bytes(at + BLOCK, entry.size).toString("utf8");
      if (entry.type === "x") named = /\d+ path=(.*)\n/.exec(body())?.[1] ?? named;
      else if (entry.type === "L") named = body().replace(/\0+$/, "");
      else {
        yield { ...entry, path: named ?? entry.path };
        named = undefined;
      }
      at += BLOCK + Math.ceil(entry.size / BLOCK) * BLOCK;
    }
  } finally {
    closeSync(descriptor);
  }
}

const KINDS = { 0: "file", "\0": "file", 5: "directory" };

function parseHeader(header) {
  const text = (from, length) => header.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  const octal = (from, length) => Number.parseInt(text(from, length).trim() || "0", 8);
  if (text(257, 5) !== "ustar") throw new Error("not a tar archive: a compressed layer?");
  const type = header.toString("latin1", 156, 157);
  const prefix = text(345, 155);
  return {
    path: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    type,
    kind: KINDS[type] ?? "other",
    size: octal(124, 12),
    mode: octal(100, 8),
    uid: octal(108, 8),
    gid: octal(116, 8),
  };
}
