import type { PGlite } from '@electric-sql/pglite';
import { createAssignmentTables } from 'express-app-roles/assignments';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import { tables } from './records.js';

/** What the database holds is known to the folders of the records: `database.withTables<MailboxTables>()`. */
export type Database = Kysely<object>;

export interface DatabaseOptions {
  /** A PostgreSQL connection string. Without one: PostgreSQL inside this process (PGlite), in memory. */
  readonly url?: string | undefined;
  /** A schema of one's own on a shared server; created where it is missing. Default: the server's. */
  readonly schema?: string | undefined;
}

/** Opens the database and creates the tables that are missing. `destroy()` closes it. */
export async function openDatabase({ url, schema }: DatabaseOptions): Promise<Database> {
  const pool = url === undefined ? embeddedPool(await createEmbedded()) : serverPool(url, schema);
  const database = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
  if (schema !== undefined) {
    await database.schema.createSchema(schema).ifNotExists().execute();
  }
  await createTables(database);
  await createAssignmentTables(database);
  return database;
}

/** Loaded where it is used: a server has no need of it. */
async function createEmbedded(): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create();
}

function serverPool(connectionString: string, schema: string | undefined): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 5_000,
    ...(schema !== undefined && { options: `-c search_path=${schema}` }),
  });
  // A connection that breaks is replaced, and a statement under way on it fails. Unheard, the event would end the process: on the
  // pool for one that is idle, on the connection for one that breaks between two statements of a transaction.
  pool.on('error', () => {});
  pool.on('connect', (connection) => connection.on('error', () => {}));
  return pool;
}

/** PGlite is one connection: whoever has it finishes, transactions included, before the next one gets it. */
function embeddedPool(pglite: PGlite): PostgresPool {
  let free: Promise<void> = Promise.resolve();
  return {
    async connect() {
      const mine = free;
      let release = () => {};
      free = new Promise((resolve) => {
        release = resolve;
      });
      await mine;
      return {
        release,
        async query(statement: unknown, parameters?: readonly unknown[]) {
          const { rows, affectedRows = 0 } = await pglite.query(String(statement), [...(parameters ?? [])]);
          // Which command it was decides only whether Kysely counts rows; this API reads RETURNING instead.
          return { command: 'SELECT', rowCount: affectedRows, rows };
        },
      } as PostgresPoolClient;
    },
    end: () => pglite.close(),
  };
}

async function createTables(database: Database): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    // Several instances may start at once, and CREATE TABLE IF NOT EXISTS alone does not stand that.
    await sql`select pg_advisory_xact_lock(hashtext('mailroom'))`.execute(transaction);
    for (const statement of Object.values(tables).flat()) {
      await sql.raw(statement).execute(transaction);
    }
  });
}
