import { randomUUID } from 'node:crypto';
import type { ExpressionBuilder, Kysely } from 'kysely';
import { isGuid } from '../token/index.js';
import type { AnyKysely } from './any-kysely.js';
import type { AssignmentStore, ScopeName, Selection } from './assignment-store.js';
import type { AssignmentTables } from './assignment-tables.js';
import { asStored, checkScope, checkSelection } from './check-written.js';

/**
 * A store in PostgreSQL, or PGlite, through the Kysely of the application. Nothing is kept in this process: each question is one
 * query, answered by an index, and what one instance writes the others have with their next request. `createAssignmentTables` or
 * `assignmentMigration` makes its tables. The application's own plugins and `withSchema` hold for it too.
 *
 * ```ts
 * const assignments = kyselyAssignments(database);
 * ```
 *
 * What the database throws is thrown on: a request that depends on it ends as 500, and is never let in.
 */
export function kyselyAssignments(database: AnyKysely): AssignmentStore {
  const tables = database as unknown as Kysely<AssignmentTables>;

  const selectionsOn = ({ record, key }: Pick<Selection, 'record' | 'key'>) =>
    tables.selectFrom('record_selections').where('record', '=', record).where('record_key', '=', key);
  const scopesOf = ({ tenantId, record }: Pick<ScopeName, 'tenantId' | 'record'>) =>
    tables.selectFrom('record_scopes').where('tenant_id', '=', tenantId).where('record', '=', record);

  return Object.freeze<AssignmentStore>({
    async rolesOf(client, key, record) {
      const { tenantId, objectId } = asStored(client);
      const found = await selectionsOn({ record, key })
        .where('tenant_id', '=', tenantId)
        .where('object_id', '=', objectId)
        .select((eb) => json(eb, 'roles').as('roles'))
        .executeTakeFirst();
      return found === undefined ? [] : parsed(found.roles);
    },
    async assignedTo(client, permission, record) {
      const { tenantId, objectId } = asStored(client);
      const found = await tables
        .selectFrom('scope_assignments')
        .innerJoin('record_scopes', (join) =>
          join
            .onRef('record_scopes.tenant_id', '=', 'scope_assignments.tenant_id')
            .onRef('record_scopes.record', '=', 'scope_assignments.record')
            .onRef('record_scopes.name', '=', 'scope_assignments.scope'),
        )
        .where('scope_assignments.tenant_id', '=', tenantId)
        .where('scope_assignments.object_id', '=', objectId)
        .where('scope_assignments.permission', '=', permission)
        .where('scope_assignments.record', '=', record)
        .orderBy('scope_assignments.created_at')
        .select((eb) => [
          'scope_assignments.id as assignment',
          'scope_assignments.scope',
          json(eb, 'record_scopes.filter').as('filter'),
        ])
        .execute();
      return found.map(({ assignment, scope, filter }) => ({ assignment, scope, filter: parsed(filter) }));
    },

    async selections({ record, key }) {
      const found = await selectionsOn({ record, key })
        .orderBy('tenant_id')
        .orderBy('object_id')
        .select((eb) => ['tenant_id as tenantId', 'object_id as objectId', json(eb, 'roles').as('roles')])
        .execute();
      return found.map(({ roles, ...client }) => ({ record, key, client, roles: parsed(roles) }));
    },
    async putSelection(selection) {
      checkSelection(selection);
      const { record, key, client } = selection;
      const { tenantId, objectId } = asStored(client);
      const roles = JSON.stringify(selection.roles);
      const created = await tables
        .insertInto('record_selections')
        .values({ record, record_key: key, tenant_id: tenantId, object_id: objectId, roles })
        .onConflict((conflict) => conflict.doNothing())
        .returning('record')
        .executeTakeFirst();
      if (created !== undefined) return 'created';
      await tables
        .updateTable('record_selections')
        .set({ roles })
        .where('record', '=', record)
        .where('record_key', '=', key)
        .where('tenant_id', '=', tenantId)
        .where('object_id', '=', objectId)
        .execute();
      return 'replaced';
    },
    async deleteSelection({ record, key, client }) {
      const { tenantId, objectId } = asStored(client);
      const deleted = await tables
        .deleteFrom('record_selections')
        .where('record', '=', record)
        .where('record_key', '=', key)
        .where('tenant_id', '=', tenantId)
        .where('object_id', '=', objectId)
        .returning('record')
        .execute();
      return deleted.length > 0;
    },
    async deleteSelections({ record, key }) {
      await tables.deleteFrom('record_selections').where('record', '=', record).where('record_key', '=', key).execute();
    },

    async scopes({ tenantId, record }) {
      const found = await scopesOf({ tenantId, record })
        .orderBy('name')
        .select((eb) => ['tenant_id as tenantId', 'name', json(eb, 'filter').as('filter')])
        .execute();
      return found.map(({ filter, ...scope }) => ({ ...scope, record, filter: parsed(filter) }));
    },
    async putScope(scope) {
      checkScope(scope);
      const { tenantId, record, name } = scope;
      const filter = JSON.stringify(scope.filter);
      const created = await tables
        .insertInto('record_scopes')
        .values({ tenant_id: tenantId, record, name, filter })
        .onConflict((conflict) => conflict.doNothing())
        .returning('name')
        .executeTakeFirst();
      if (created !== undefined) return 'created';
      await tables
        .updateTable('record_scopes')
        .set({ filter })
        .where('tenant_id', '=', tenantId)
        .where('record', '=', record)
        .where('name', '=', name)
        .execute();
      return 'replaced';
    },
    async deleteScope({ tenantId, record, name }) {
      const deleted = await unlessReferred(
        tables
          .deleteFrom('record_scopes')
          .where('tenant_id', '=', tenantId)
          .where('record', '=', record)
          .where('name', '=', name)
          .returning('name')
          .execute(),
      );
      if (deleted === 'referred') return 'assigned';
      return deleted.length > 0 ? 'deleted' : 'absent';
    },

    async assignments({ tenantId, record, name }) {
      const found = await tables
        .selectFrom('scope_assignments')
        .where('tenant_id', '=', tenantId)
        .where('record', '=', record)
        .where('scope', '=', name)
        .orderBy('created_at')
        .select([
          'id',
          'tenant_id as tenantId',
          'object_id as objectId',
          'permission',
          'reason',
          'created_by_tenant_id as creatorTenantId',
          'created_by_object_id as creatorObjectId',
          'created_at as createdAt',
        ])
        .execute();
      return found.map(
        ({ id, tenantId, objectId, permission, reason, creatorTenantId, creatorObjectId, createdAt }) => ({
          id,
          record,
          scope: name,
          client: { tenantId, objectId },
          permission,
          reason: reason ?? undefined,
          createdBy: { tenantId: creatorTenantId, objectId: creatorObjectId },
          createdAt: new Date(createdAt),
        }),
      );
    },
    async assign(assignment) {
      const { record, scope, permission, reason } = assignment;
      const client = asStored(assignment.client);
      const createdBy = asStored(assignment.createdBy);
      const created = { id: randomUUID(), record, scope, client, permission, reason, createdBy, createdAt: new Date() };
      const inserted = await unlessReferred(
        tables
          .insertInto('scope_assignments')
          .values({
            id: created.id,
            tenant_id: client.tenantId,
            object_id: client.objectId,
            permission,
            record,
            scope,
            reason: reason ?? null,
            created_by_tenant_id: createdBy.tenantId,
            created_by_object_id: createdBy.objectId,
            created_at: created.createdAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .execute(),
      );
      if (inserted === 'referred') return 'no-such-scope';
      return inserted.length > 0 ? created : 'already-assigned';
    },
    async unassign({ tenantId, record, name }, id) {
      if (!isGuid(id)) return false;
      const deleted = await tables
        .deleteFrom('scope_assignments')
        .where('id', '=', id)
        .where('tenant_id', '=', tenantId)
        .where('record', '=', record)
        .where('scope', '=', name)
        .returning('id')
        .execute();
      return deleted.length > 0;
    },
  });
}

/** As text, whatever drivers and plugins would make of JSON: the names in a filter are not theirs to change. */
function json<T extends keyof AssignmentTables, C extends Parameters<ExpressionBuilder<AssignmentTables, T>['ref']>[0]>(
  eb: ExpressionBuilder<AssignmentTables, T>,
  column: C,
) {
  return eb.cast<string>(column, 'text');
}

/** A plugin may have parsed it all the same. */
function parsed<T>(json: unknown): T {
  return typeof json === 'string' ? JSON.parse(json) : (json as T);
}

const foreignKeyViolation = '23503';

/** Between scopes and their assignments the database keeps order, also while several instances write. */
async function unlessReferred<T>(write: Promise<T>): Promise<T | 'referred'> {
  try {
    return await write;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code === foreignKeyViolation) return 'referred';
    throw error;
  }
}
