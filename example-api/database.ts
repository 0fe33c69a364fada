import { PGlite } from '@electric-sql/pglite';
import { type Generated, Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';

export interface Tables {
  users: { object_id: string; display_name: string; mail: string; job_title: string };
  mailboxes: { id: Generated<string>; address: string; display_name: string; forward_to: string | null };
  mailbox_owners: { mailbox_id: string; tenant_id: string; object_id: string };
  messages: {
    id: Generated<string>;
    mailbox_id: string;
    sender: string;
    subject: string;
    body: string;
    received_at: Generated<Date>;
  };
  teams: { id: string; display_name: string };
  channel_messages: { id: Generated<string>; team_id: string; channel: string; sender: string; body: string };
}

export type Database = Kysely<Tables>;

export interface DatabaseOptions {
  /** A PostgreSQL connection string. Without one: PostgreSQL inside this process (PGlite), in memory. */
  readonly url?: string | undefined;
  /** A schema of one's own on a shared server; created where it is missing. Default: the server's. */
  readonly schema?: string | undefined;
}

/** Opens the database and creates the tables that are missing. `destroy()` closes it. */
export async function openDatabase({ url, schema }: DatabaseOptions): Promise<Database> {
  const pool = url === undefined ? embeddedPool(await PGlite.create()) : serverPool(url, schema);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  if (schema !== undefined) {
    await database.schema.createSchema(schema).ifNotExists().execute();
  }
  await createTables(database);
  return database;
}

function serverPool(connectionString: string, schema: string | undefined): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 5_000,
    ...(schema !== undefined && { options: `-c search_path=${schema}` }),
  });
  // An idle connection that breaks is replaced; unheard, the event would end the process.
  pool.on('error', (error) => console.error(`A database connection was lost: ${error.message}`));
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
    for (const statement of tables) {
      await sql.raw(statement).execute(transaction);
    }
  });
}

const tables = [
  `create table if not exists users (
    object_id uuid primary key,
    display_name text not null,
    mail text not null unique,
    job_title text not null
  )`,
  `create table if not exists mailboxes (
    id uuid primary key default gen_random_uuid(),
    address text not null unique,
    display_name text not null,
    forward_to uuid references mailboxes on delete set null
  )`,
  `create table if not exists mailbox_owners (
    mailbox_id uuid not null references mailboxes on delete cascade,
    tenant_id uuid not null,
    object_id uuid not null,
    primary key (mailbox_id, tenant_id, object_id)
  )`,
  'create index if not exists mailbox_owners_by_owner on mailbox_owners (tenant_id, object_id)',
  `create table if not exists messages (
    id uuid primary key default gen_random_uuid(),
    mailbox_id uuid not null references mailboxes on delete cascade,
    sender text not null,
    subject text not null,
    body text not null,
    received_at timestamptz not null default now()
  )`,
  'create index if not exists messages_by_mailbox on messages (mailbox_id, received_at)',
  `create table if not exists teams (
    id uuid primary key,
    display_name text not null
  )`,
  `create table if not exists channel_messages (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references teams on delete cascade,
    channel text not null,
    sender text not null,
    body text not null
  )`,
];
