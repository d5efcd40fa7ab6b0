import { Module } from "@nestjs/common";
import { GreetingsModule } from "./greetings/greetings.module.ts";

/** Every module of the service but those of src/ops. */
@Module({ imports: [GreetingsModule] })
export class AppModule {}
