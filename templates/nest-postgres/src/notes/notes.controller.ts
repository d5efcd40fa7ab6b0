import {
  Body,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  Res,
} from "@nestjs/common";
import type { Response } from "express";
import * as z from "zod";
import type { Note, NoteStore } from "../store/notes.ts";
import { ZodPipe } from "../zod.pipe.ts";

/** Stands for the NoteStore, which is an interface and nothing at run time. */
export const NOTE_STORE = Symbol("NOTE_STORE");

const id = z.string().regex(/^[0-9]{1,18}$/);

const newNote = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(10_000)
    // PostgreSQL's text cannot hold a NUL character.
    .refine((text) => !text.includes("\0"), "must not hold a NUL character"),
});

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: id.optional(),
});

const noteParams = z.object({ id });

@Controller("notes")
export class NotesController {
  constructor(@Inject(NOTE_STORE) private readonly notes: NoteStore) {}

  @Post()
  async create(
    @Body(new ZodPipe(newNote)) { text }: z.output<typeof newNote>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Note> {
    const note = await this.notes.create(text);
    response.location(`/notes/${note.id}`);
    return note;
  }

  @Get()
  async list(
    @Query(new ZodPipe(page)) { limit, before }: z.output<typeof page>,
  ): Promise<{ notes: Note[] }> {
    return { notes: await this.notes.list(limit, before) };
  }

  @Get(":id")
  async find(@Param(new ZodPipe(noteParams)) { id }: z.output<typeof noteParams>): Promise<Note> {
    const note = await this.notes.find(id);
    if (!note) throw new NotFoundException("No such note");
    return note;
  }
}
