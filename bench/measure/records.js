import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

const connectionString = process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test';
const tenantId = '7e570000-0000-4000-8000-00000000000a';
const caller = { tenantId, objectId: '5b000000-0000-4000-8000-00000000000a' };
const open = 100;

/** What the caller may see: 100 records each, in whatever table; in the last one 200. */
export const reaches = {
  owned: { kind: 'owned', by: caller },
  selected: { kind: 'selected', record: 'mailbox', by: caller, role: 'read' },
  within: { kind: 'within', filters: [{ department: 'sales' }] },
  'owned or within': {
    kind: 'any-of',
    reaches: [
      { kind: 'owned', by: caller },
      { kind: 'within', filters: [{ department: 'sales' }] },
    ],
  },
};

/** Whether there is a PostgreSQL to measure on. */
export async function isThere() {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/**
 * A table of so many records, in a schema of its own, that `close` drops. Everybody owns about 100 of them, departments have about
 * 100, and so have clients with grants of single records; they lie anywhere in the table.
 *
 * @param {string} build where the library was built
 * @param {number} count
 */
export async function createRecords(build, count) {
  const library = await import(pathToFileURL(`${build}/assignments/index.js`).href);
  const schema = `bench_${createHash('sha256').update(`${process.pid} ${count}`).digest('hex').slice(0, 16)}`;
  const pool = new pg.Pool({ connectionString, max: 1, options: `-c search_path=${schema}` });
  const database = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(database);
    await database.destroy();
  };
  try {
    await database.schema.createSchema(schema).execute();
    await library.createAssignmentTables(database);
    await fill(database, count);
  } catch (error) {
    await close();
    throw error;
  }
  const inReach = library.reachCondition({
    record: 'mailbox',
    table: 'mailboxes',
    key: 'id',
    keyType: 'uuid',
    owned: (by) =>
      database
        .selectFrom('mailbox_owners')
        .where('tenant_id', '=', by.tenantId)
        .where('object_id', '=', by.objectId)
        .select('mailbox_id'),
    attributes: { department: 'department' },
  });
  const query = (reach, limit = 20) =>
    database
      .selectFrom('mailboxes')
      .where(inReach(reach))
      .select(['mailboxes.id', 'mailboxes.display_name'])
      .orderBy('mailboxes.id')
      .limit(limit);
  return {
    close,
    /** Milliseconds of one page of 20, in the order of their ids: the mean of so many in a row. */
    async page(reach, times) {
      const before = performance.now();
      for (let i = 0; i < times; i++) {
        const { length } = await query(reach).execute();
        if (length !== 20) throw new Error(`A page of ${count.toLocaleString('en')} has ${length} records.`);
      }
      return (performance.now() - before) / times;
    },
    /** How many records are in reach, and how many blocks of the database one page touches: a figure without noise. */
    async describe(reach) {
      const found = await query(reach, count).execute();
      const [{ 'QUERY PLAN': plan }] = await query(reach).explain('json', sql`analyze, buffers`);
      const { Plan } = plan[0];
      return { records: found.length, blocks: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'] };
    },
  };
}

async function fill(database, count) {
  const everybody = sql`md5('owner' || n / ${sql.lit(open)})::uuid`;
  for (const statement of [
    sql`create unlogged table mailboxes (id uuid primary key, department text not null, display_name text not null)`,
    sql`create unlogged table mailbox_owners (mailbox_id uuid not null, tenant_id uuid not null, object_id uuid not null)`,
    sql`insert into mailboxes
        select md5('mailbox' || n)::uuid, case when n / ${sql.lit(open)} = 1 then 'sales' else 'department ' || n / ${sql.lit(open)} end, 'Mailbox ' || n
        from generate_series(0, ${sql.lit(count - 1)}) n order by md5(n::text)`,
    sql`insert into mailbox_owners
        select md5('mailbox' || n)::uuid, ${sql.lit(tenantId)}::uuid, case when n < ${sql.lit(open)} then ${sql.lit(caller.objectId)}::uuid else ${everybody} end
        from generate_series(0, ${sql.lit(count - 1)}) n order by md5(n::text)`,
    sql`insert into record_selections
        select 'mailbox', md5('mailbox' || n)::uuid, ${sql.lit(tenantId)}::uuid, case when n < ${sql.lit(open)} then ${sql.lit(caller.objectId)}::uuid else ${everybody} end, '["read"]'::jsonb
        from generate_series(0, ${sql.lit(count - 1)}) n order by md5(n::text)`,
    sql`create index on mailboxes (department)`,
    sql`create index on mailbox_owners (tenant_id, object_id)`,
    sql`vacuum analyze`,
  ])
    await statement.execute(database);
}
