import type { Kysely } from 'kysely';
import type { AnyKysely } from './any-kysely.js';

/** The tables of `kyselyAssignments`. */
export interface AssignmentTables {
  record_selections: {
    record: string;
    record_key: string;
    tenant_id: string;
    object_id: string;
    /** JSON */
    roles: string;
  };
  record_scopes: {
    tenant_id: string;
    record: string;
    name: string;
    /** JSON */
    filter: string;
  };
  scope_assignments: {
    id: string;
    tenant_id: string;
    record: string;
    scope: string;
    object_id: string;
    permission: string;
    reason: string | null;
    created_by_tenant_id: string;
    created_by_object_id: string;
    created_at: Date;
  };
}

/**
 * A migration for Kysely's Migrator, under a name of yours. It creates what is missing, and takes nothing back: there is no `down`.
 *
 * ```ts
 * const migrations = { '2025-06-01-assignments': assignmentMigration };
 * ```
 */
export const assignmentMigration = Object.freeze({ up: createMissing });

/**
 * Creates the tables of `kyselyAssignments` that are missing, for those without a Migrator. Several instances may do it at once.
 *
 * ```ts
 * await createAssignmentTables(database);
 * ```
 */
export async function createAssignmentTables(database: AnyKysely): Promise<void> {
  await (database as unknown as Kysely<AssignmentTables>).transaction().execute(async (transaction) => {
    // CREATE TABLE IF NOT EXISTS alone does not stand several at once.
    await transaction
      .selectNoFrom(({ fn, val }) =>
        fn('pg_advisory_xact_lock', [fn('hashtext', [val('express-app-roles assignments')])]).as('lock'),
      )
      .execute();
    await createMissing(transaction);
  });
}

/** The primary keys and the two indexes serve what every request asks: by record and client, and by client. */
async function createMissing(database: AnyKysely): Promise<void> {
  const { schema } = database as unknown as Kysely<AssignmentTables>;
  await schema
    .createTable('record_selections')
    .ifNotExists()
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('record_key', 'text', (column) => column.notNull())
    .addColumn('tenant_id', 'uuid', (column) => column.notNull())
    .addColumn('object_id', 'uuid', (column) => column.notNull())
    .addColumn('roles', 'jsonb', (column) => column.notNull())
    .addPrimaryKeyConstraint('record_selections_pkey', ['record', 'record_key', 'tenant_id', 'object_id'])
    .execute();
  await schema
    .createIndex('record_selections_by_client')
    .ifNotExists()
    .on('record_selections')
    .columns(['tenant_id', 'object_id', 'record'])
    .execute();
  await schema
    .createTable('record_scopes')
    .ifNotExists()
    .addColumn('tenant_id', 'uuid', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('filter', 'jsonb', (column) => column.notNull())
    .addPrimaryKeyConstraint('record_scopes_pkey', ['tenant_id', 'record', 'name'])
    .execute();
  await schema
    .createTable('scope_assignments')
    .ifNotExists()
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('tenant_id', 'uuid', (column) => column.notNull())
    .addColumn('object_id', 'uuid', (column) => column.notNull())
    .addColumn('permission', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('created_by_tenant_id', 'uuid', (column) => column.notNull())
    .addColumn('created_by_object_id', 'uuid', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addUniqueConstraint('scope_assignments_by_client', ['tenant_id', 'object_id', 'permission', 'record', 'scope'])
    .addForeignKeyConstraint('scope_assignments_scope', ['tenant_id', 'record', 'scope'], 'record_scopes', [
      'tenant_id',
      'record',
      'name',
    ])
    .execute();
  await schema
    .createIndex('scope_assignments_by_scope')
    .ifNotExists()
    .on('scope_assignments')
    .columns(['tenant_id', 'record', 'scope'])
    .execute();
}
