import { Body, Controller, HttpCode, Post } from "@nestjs/common";
import * as z from "zod";
import { ZodPipe } from "../zod.pipe.ts";

const person = z.strictObject({ name: z.string().min(1).max(100) });

@Controller("greetings")
export class GreetingsController {
  @Post()
  @HttpCode(200)
  greet(@Body(new ZodPipe(person)) { name }: z.output<typeof person>): object {
    return { greeting: `Hello, ${name}!` };
  }
}
