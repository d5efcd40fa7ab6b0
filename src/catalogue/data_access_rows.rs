//! The rows of the data accesses: what each emits in its own way, under the same ids.

use super::Row;
use super::rows::{merge, once};

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // drizzle
    once("drizzle-config", "drizzle/drizzle.config.ts"),
    once("migrations-0000-create-notes", "drizzle/migrations/0000_create-notes.sql"),
    once("migrations-meta-0000-snapshot", "drizzle/migrations/meta/0000_snapshot.json"),
    once("migrations-meta-journal", "drizzle/migrations/meta/_journal.json"),
    merge("src-ops-database", "drizzle/src/ops/database.ts.j2"),
    merge("src-ops-log-errors", "drizzle/src/ops/log-errors.ts"),
    merge("src-ops-migrations", "drizzle/src/ops/migrations.ts.j2"),
    once("src-store-notes", "drizzle/src/store/notes.ts.j2"),
    once("src-store-schema", "drizzle/src/store/schema.ts"),
    merge("test-log-errors-test", "drizzle/test/log-errors.test.ts"),
    merge("test-migrations-test", "drizzle/test/migrations.test.ts"),
    // pg
    once("migrations-0001-create-notes", "pg/migrations/0001_create-notes.sql"),
    merge("src-ops-database", "pg/src/ops/database.ts.j2"),
    merge("src-ops-migrations", "pg/src/ops/migrations.ts.j2"),
    once("src-store-notes", "pg/src/store/notes.ts.j2"),
    // prisma
    once("prisma-config", "prisma/prisma.config.ts"),
    once(
        "prisma-migrations-20260101000000-create-notes-migration",
        "prisma/prisma/migrations/20260101000000_create_notes/migration.sql",
    ),
    once("prisma-migrations-migration-lock", "prisma/prisma/migrations/migration_lock.toml"),
    once("prisma-schema", "prisma/prisma/schema.prisma"),
    merge("src-ops-database", "prisma/src/ops/database.ts.j2"),
    merge("src-ops-log-errors", "prisma/src/ops/log-errors.ts"),
    merge("src-ops-migrations", "prisma/src/ops/migrations.ts.j2"),
    once("src-store-notes", "prisma/src/store/notes.ts.j2"),
    merge("test-integration-schema-test", "prisma/test/integration/schema.test.ts"),
    merge("test-log-errors-test", "prisma/test/log-errors.test.ts"),
];
