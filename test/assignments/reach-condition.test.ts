import type { Reach } from 'express-app-roles';
import {
  createAssignmentTables,
  kyselyAssignments,
  type ReachColumns,
  reachCondition,
} from 'express-app-roles/assignments';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databases, openDatabase } from './databases.js';

interface Tables {
  notes: { id: number; tenant_id: string; department: string | null };
  note_owners: { note_id: number; tenant_id: string; object_id: string };
}

const tenantId = '7e570000-0000-4000-8000-00000000000a';
const by = { tenantId, objectId: '5b000000-0000-4000-8000-00000000000a' };
const owned: Reach = { kind: 'owned', by };
const selected: Reach = { kind: 'selected', record: 'note', by, role: 'read' };
const within: Reach = { kind: 'within', filters: [{ department: 'sales' }] };

describe.each(databases)('a reach as a condition on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openDatabase<Tables>>>;
  beforeAll(async () => {
    opened = await openDatabase<Tables>(url);
    const { database } = opened;
    await createAssignmentTables(database);
    for (const statement of [
      'create table notes (id bigint primary key, tenant_id uuid not null, department text)',
      'create index notes_by_department on notes (department)',
      'create index notes_by_tenant on notes (tenant_id)',
      'create table note_owners (note_id bigint references notes, tenant_id uuid, object_id uuid)',
      'create index note_owners_by_owner on note_owners (tenant_id, object_id)',
      `insert into notes select n, '${tenantId}', case when n % 500 = 0 then 'sales' else 'd' || n end from generate_series(1, 5000) n`,
      `insert into note_owners values (1, '${tenantId}', '${by.objectId}'), (2, '${tenantId}', '${tenantId}')`,
    ])
      await sql.raw(statement).execute(database);
    const store = kyselyAssignments(database);
    for (const key of ['3', '500']) await store.putSelection({ record: 'note', key, client: by, roles: ['read'] });
    await store.putSelection({ record: 'note', key: '4', client: by, roles: ['write'] });
    await sql`analyze`.execute(database);
  });
  afterAll(() => opened.close());

  const conditionOf = (changes: Partial<ReachColumns<Tables, 'notes'>> = {}) =>
    reachCondition<Tables, 'notes'>({
      record: 'note',
      table: 'notes',
      key: 'id',
      keyType: 'bigint',
      owned: (by) =>
        opened.database
          .selectFrom('note_owners')
          .where('tenant_id', '=', by.tenantId)
          .where('object_id', '=', by.objectId)
          .select('note_id'),
      tenant: 'tenant_id',
      attributes: { department: 'department' },
      ...changes,
    });
  const query = (reach: Reach, changes?: Partial<ReachColumns<Tables, 'notes'>>) =>
    opened.database.selectFrom('notes').where(conditionOf(changes)(reach)).select('notes.id').orderBy('notes.id');
  const ids = async (reach: Reach) => (await query(reach).execute()).map(({ id }) => Number(id));

  const sales = [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000];
  const limited: [string, Reach, number[]][] = [
    ['owned', owned, [1]],
    ['selected', selected, [3, 500]],
    ['within', within, sales],
    ['any of them', { kind: 'any-of', reaches: [owned, selected, within] }, [1, 3, ...sales]],
    ['all of them', { kind: 'all-of', reaches: [selected, within] }, [500]],
    [
      'all of any',
      {
        kind: 'all-of',
        reaches: [
          { kind: 'any-of', reaches: [owned, selected] },
          { kind: 'any-of', reaches: [within, owned] },
        ],
      },
      [1, 500],
    ],
    ['owned, in the tenant', { ...owned, tenantId }, [1]],
    ['owned, in another tenant', { ...owned, tenantId: by.objectId }, []],
    ['selected, in another tenant', { ...selected, tenantId: by.objectId }, []],
    ['within, in another tenant', { ...within, tenantId: by.objectId }, []],
    ['all of another tenant', { kind: 'tenant', tenantId: by.objectId }, []],
    ['within no scope', { kind: 'within', filters: [] }, []],
    ['within no scope, or owned', { kind: 'any-of', reaches: [owned, { kind: 'within', filters: [] }] }, [1]],
  ];

  it.each(limited)('%s: these, and no others', async (_name, reach, expected) => {
    expect(await ids(reach)).toEqual(expected);
  });

  it('everything is everything', async () => {
    expect(await ids({ kind: 'all' })).toHaveLength(5000);
    expect(await ids({ kind: 'tenant', tenantId })).toHaveLength(5000);
  });

  it.each(limited.slice(0, 7))('%s: found by an index, without reading the table', async (_name, reach) => {
    const plan = await query(reach).explain('text' as never);
    expect(JSON.stringify(plan)).toMatch(/Index/);
    expect(JSON.stringify(plan)).not.toMatch(/Seq Scan on notes/);
  });

  it('stands in changes and joins as well', async () => {
    const { database } = opened;
    await database.transaction().execute(async (transaction) => {
      const changed = await transaction
        .updateTable('notes')
        .set({ department: 'law' })
        .where('notes.id', 'in', [1, 2])
        .where(conditionOf()({ kind: 'any-of', reaches: [owned, selected] }))
        .returning('notes.id')
        .execute();
      expect(changed.map(({ id }) => Number(id))).toEqual([1]);
      const joined = await transaction
        .selectFrom('notes')
        .innerJoin('note_owners', 'note_owners.note_id', 'notes.id')
        .where(conditionOf()(owned))
        .select('notes.department')
        .execute();
      expect(joined).toEqual([{ department: 'law' }]);
      await transaction.updateTable('notes').set({ department: 'd1' }).where('notes.id', '=', 1).execute();
    });
  });

  it.each<[string, Reach, RegExp, Partial<ReachColumns<Tables, 'notes'>>?]>([
    ['a kind that it does not know', { kind: 'some' } as never, /no reach of kind 'some'/],
    ['an attribute without a column', { kind: 'within', filters: [{ floor: '1' }] }, /no column for it/],
    ['an attribute that every object has', { kind: 'within', filters: [{ toString: '1' }] }, /no column for it/],
    ['a filter that names nothing', { kind: 'within', filters: [{}] }, /at least one attribute/],
    ['one of no reaches', { kind: 'any-of', reaches: [] }, /of no reaches/],
    ['all of no reaches', { kind: 'all-of', reaches: [] }, /of no reaches/],
    ['selected records of another kind', { ...selected, record: 'mailbox' }, /selected records of 'mailbox'/],
    ['a tenant without a column', { ...owned, tenantId }, /Name the column/, { tenant: undefined as never }],
    ['owners that are no query', owned, /owned must give a query/, { owned: () => true as never }],
  ])('is an error, and never everything, for %s', (_name, reach, message, changes) => {
    expect(() => query(reach, changes)).toThrow(message);
    expect(() => query({ kind: 'any-of', reaches: [reach, owned] }, changes)).toThrow(message);
  });

  it('takes columns of the table alone', () => {
    // @ts-expect-error there is no such column
    conditionOf({ attributes: { department: 'departement' } });
    // @ts-expect-error there is no such column
    conditionOf({ key: 'note_id' });
  });
});
