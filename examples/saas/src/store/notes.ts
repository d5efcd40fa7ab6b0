import type { Note as Row } from "../generated/prisma/client.ts";
import type { Database } from "../ops/database.ts";

export interface Note {
  /** A string: PostgreSQL's bigint does not fit in a JavaScript number. */
  id: string;
  text: string;
  createdAt: Date;
}

export interface NoteStore {
  create(text: string): Promise<Note>;
  find(id: string): Promise<Note | undefined>;
  /** Newest first. `before` is the id of the last note of the page before. */
  list(limit: number, before: string | undefined): Promise<Note[]>;
}

export function noteStore(prisma: Database["prisma"]): NoteStore {
  return {
    async create(text) {
      return toNote(await prisma.note.create({ data: { text } }));
    },

    async find(id) {
      const row = await prisma.note.findUnique({ where: { id: BigInt(id) } });
      return row === null ? undefined : toNote(row);
    },

    /** By key and not by `skip`, which reads every row that it skips. */
    async list(limit, before) {
      const rows = await prisma.note.findMany({
        where: before === undefined ? {} : { id: { lt: BigInt(before) } },
        orderBy: { id: "desc" },
        take: limit,
      });
      return rows.map(toNote);
    },
  };
}

function toNote({ id, ...rest }: Row): Note {
  return { id: String(id), ...rest };
}
