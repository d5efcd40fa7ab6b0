import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Prisma } from "../../src/generated/prisma/client.ts";
import { createLogger } from "../../src/logger.ts";
import { openDatabase } from "../../src/ops/database.ts";
import { migrate } from "../../src/ops/migrations.ts";

const url = process.env["DATABASE_URL"];
assert.ok(url, "DATABASE_URL is not set: the script `dev:services` starts a database for it");
const database = openDatabase(url, 5, createLogger("silent"));

before(() => migrate(url));
after(() => database.close());

type Name = Uncapitalize<Prisma.ModelName>;
const models: Record<Name, { findFirst(): Promise<unknown> }> = database.prisma;

// Where this fails, `prisma migrate dev` writes the migration that is missing.
for (const model of Object.values(Prisma.ModelName)) {
  test(`the migrations make what the schema says of ${model}`, async () => {
    const name = `${model.charAt(0).toLowerCase()}${model.slice(1)}` as Name;
    // Asks for every column by its name.
    await assert.doesNotReject(models[name].findFirst());
  });
}
