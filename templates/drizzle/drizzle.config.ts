/** For drizzle-kit, which writes the next migration from the schema. It needs no database for that. */
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/store/schema.ts",
  out: "./migrations",
});
