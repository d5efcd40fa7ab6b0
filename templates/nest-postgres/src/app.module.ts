import { Module } from "@nestjs/common";
import { NotesModule } from "./notes/notes.module.ts";

/** Every module of the service but those of src/ops. */
@Module({ imports: [NotesModule] })
export class AppModule {}
