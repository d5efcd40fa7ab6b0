import type { Pool } from "pg";

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

const COLUMNS = `id, text, created_at AS "createdAt"`;

export function noteStore(pool: Pick<Pool, "query">): NoteStore {
  return {
    async create(text) {
      const { rows } = await pool.query<Note>(
        `INSERT INTO notes (text) VALUES ($1) RETURNING ${COLUMNS}`,
        [text],
      );
      return rows[0] as Note;
    },

    async find(id) {
      const { rows } = await pool.query<Note>(`SELECT ${COLUMNS} FROM notes WHERE id = $1`, [id]);
      return rows[0];
    },

    /** By key and not by OFFSET, which reads every row that it skips. */
    async list(limit, before) {
      const { rows } = await pool.query<Note>(
        `SELECT ${COLUMNS} FROM notes
         WHERE $2::bigint IS NULL OR id < $2
         ORDER BY id DESC
         LIMIT $1`,
        [limit, before ?? null],
      );
      return rows;
    },
  };
}
