[# What the routes know of the store. #]
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
