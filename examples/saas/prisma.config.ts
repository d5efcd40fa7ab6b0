/** For Prisma's own commands. Neither the service nor its migrations read this. */
import { existsSync } from "node:fs";
import { defineConfig } from "prisma/config";

// Prisma reads no .env by itself.
if (existsSync(".env")) process.loadEnvFile(".env");

// To generate takes no engine, and yet each install would download one for it. Any program in its place keeps builds
// to the package registry.
if (process.argv.includes("generate")) {
  process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= process.execPath;
}

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // Builds have no database, and generate without one.
  datasource: { url: process.env["DATABASE_URL"] ?? "" },
});
