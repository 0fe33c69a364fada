import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Tables } from './orders-store.js';

/** PostgreSQL inside this process, after some of the SQL that the guide shows. */
export async function openDatabase(...files: readonly string[]): Promise<{ pglite: PGlite; database: Kysely<Tables> }> {
  const pglite = await PGlite.create();
  for (const file of files) await pglite.exec(readFileSync(new URL(file, import.meta.url), 'utf8'));
  return { pglite, database: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolOf(pglite) }) }) };
}

/** PGlite is one connection: whoever has it finishes before the next one gets it. */
function poolOf(pglite: PGlite): PostgresPool {
  let free: Promise<void> = Promise.resolve();
  return {
    async connect() {
      const before = free;
      let release = () => {};
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        release: () => release(),
        async query(statement: unknown, parameters?: readonly unknown[]) {
          const { rows, affectedRows = 0 } = await pglite.query(String(statement), [...(parameters ?? [])]);
          return { command: 'SELECT', rowCount: affectedRows, rows };
        },
      } as PostgresPoolClient;
    },
    end: () => pglite.close(),
  };
}
