import { randomBytes } from 'node:crypto';
import { assignmentMigration, createAssignmentTables, kyselyAssignments } from 'express-app-roles/assignments';
import { CamelCasePlugin, Migrator, ParseJSONResultsPlugin } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databases, openDatabase } from './databases.js';

const tenantId = '7e570000-0000-4000-8000-00000000000a';
const client = { tenantId, objectId: '5b000000-0000-4000-8000-00000000000a' };
const filter = { cost_center: '1', costCenter: '2' };
const selection = { record: 'mailbox', key: 'a', client, roles: ['send'] };

describe.each(databases)('assignments on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    opened = await openDatabase(url);
  });
  afterEach(async () => {
    const tables = [
      'scope_assignments',
      'record_scopes',
      'record_selections',
      'kysely_migration',
      'kysely_migration_lock',
    ];
    for (const table of tables) await opened.database.schema.dropTable(table).ifExists().execute();
  });
  afterAll(() => opened.close());

  async function isUsable(database = opened.database): Promise<void> {
    const { rolesOf, ...store } = kyselyAssignments(database);
    await store.putSelection(selection);
    expect(await rolesOf(client, 'a', 'mailbox')).toEqual(['send']);
    const scope = { tenantId, record: 'mailbox', name: 'some' };
    await store.putScope({ ...scope, filter });
    const assigned = {
      record: 'mailbox',
      scope: 'some',
      client,
      permission: 'P',
      reason: undefined,
      createdBy: client,
    };
    expect(await store.assign(assigned)).toMatchObject(assigned);
    expect(await store.assignments(scope)).toMatchObject([assigned]);
    expect(await store.assignedTo(client, 'P', 'mailbox')).toMatchObject([{ scope: 'some', filter }]);
    expect(await store.deleteScope(scope)).toBe('assigned');
  }

  it('have their tables, however many instances start at once, and however often', async () => {
    const instances = Array.from({ length: 8 }, opened.another);
    await Promise.all(instances.map((each) => createAssignmentTables(each)));
    await isUsable();
    await createAssignmentTables(opened.database);
    expect(await kyselyAssignments(opened.database).rolesOf(client, 'a', 'mailbox')).toEqual(['send']);
  });

  it('have their tables by a migration, before createAssignmentTables or after it', async () => {
    const provider = { getMigrations: async () => ({ '2025-06-01-assignments': assignmentMigration }) };
    const { error } = await new Migrator({ db: opened.database, provider }).migrateToLatest();
    expect(error).toBeUndefined();
    await createAssignmentTables(opened.database);
    await isUsable();
  });

  it.each([
    ['names in camel case', () => new CamelCasePlugin()],
    ['parsed JSON', () => new ParseJSONResultsPlugin()],
  ])('mean the same to an application that has %s', async (_name, plugin) => {
    const database = opened.database.withPlugin(plugin());
    await createAssignmentTables(database);
    await isUsable(database);
  });

  it('are kept in the schema of the application', async () => {
    const schema = `assignments_${randomBytes(8).toString('hex')}`;
    await opened.database.schema.createSchema(schema).execute();
    const database = opened.database.withSchema(schema);
    try {
      await createAssignmentTables(database);
      await isUsable(database);
      await expect(kyselyAssignments(opened.database).rolesOf(client, 'a', 'mailbox')).rejects.toThrow(
        /does not exist/,
      );
    } finally {
      await opened.database.schema.dropSchema(schema).cascade().execute();
    }
  });

  it('take part in a transaction', async () => {
    await createAssignmentTables(opened.database);
    const undone = opened.database.transaction().execute(async (transaction) => {
      await kyselyAssignments(transaction).putSelection(selection);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await kyselyAssignments(opened.database).rolesOf(client, 'a', 'mailbox')).toEqual([]);
  });

  it('are not given where the database does not answer', async () => {
    await expect(kyselyAssignments(opened.database).rolesOf(client, 'a', 'mailbox')).rejects.toThrow(/does not exist/);
    await expect(kyselyAssignments(opened.database).assignedTo(client, 'P', 'mailbox')).rejects.toThrow(
      /does not exist/,
    );
  });
});
