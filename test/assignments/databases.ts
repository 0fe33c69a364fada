import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';

/** The databases at hand: PGlite always, PostgreSQL where DATABASE_URL names one. */
export const databases: readonly { readonly name: string; readonly url?: string }[] = [
  { name: 'PGlite' },
  ...(process.env.DATABASE_URL ? [{ name: 'PostgreSQL', url: process.env.DATABASE_URL }] : []),
];

/** An empty database; on a server a schema of its own, that `close` drops. `another` is what one more instance would open. */
export async function openDatabase<Tables>(url?: string) {
  const schema = `assignments_${randomBytes(8).toString('hex')}`;
  const pools: PostgresPool[] = [];
  const open = (pool: PostgresPool) => {
    pools.push(pool);
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  };
  const embedded = url === undefined ? await PGlite.create() : undefined;
  const another = () =>
    open(
      embedded ? poolOf(embedded) : new pg.Pool({ connectionString: url, max: 4, options: `-c search_path=${schema}` }),
    );
  const database = another();
  if (!embedded) await database.schema.createSchema(schema).execute();
  return {
    database,
    another,
    async close() {
      if (!embedded) await sql`drop schema ${sql.id(schema)} cascade`.execute(database);
      for (const pool of pools) await pool.end();
      await embedded?.close();
    },
  };
}

/** PGlite is one connection: whoever has it finishes before the next one gets it. */
const free = new WeakMap<PGlite, Promise<void>>();

function poolOf(pglite: PGlite): PostgresPool {
  return {
    async connect() {
      const before = free.get(pglite);
      let release = () => {};
      free.set(pglite, new Promise((resolve) => (release = resolve)));
      await before;
      return {
        release: () => release(),
        async query(statement: unknown, parameters?: readonly unknown[]) {
          const { rows, affectedRows = 0 } = await pglite.query(String(statement), [...(parameters ?? [])]);
          return { command: 'SELECT', rowCount: affectedRows, rows };
        },
      } as PostgresPoolClient;
    },
    end: async () => {},
  };
}
