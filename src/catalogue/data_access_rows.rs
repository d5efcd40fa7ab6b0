//! The rows of the data accesses: what each emits in its own way, under the same ids.

use super::Row;
use super::rows::{merge, once};

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // pg
    once("migrations-0001-create-notes", "pg/migrations/0001_create-notes.sql"),
    merge("src-ops-database", "pg/src/ops/database.ts.j2"),
    merge("src-ops-migrations", "pg/src/ops/migrations.ts.j2"),
    once("src-store-notes", "pg/src/store/notes.ts"),
];
