import { ConfigurationError } from '../errors/index.js';
import {
  allow,
  answering,
  callerOf,
  type ManagementRequest,
  type ManagementRouter,
  Problem,
} from '../express/index.js';
import { describeGrant, type Grant, type RecordScopes } from '../permissions/index.js';
import type { AssignmentStore, ScopeAssignment, ScopeName } from './assignment-store.js';
import { clientOf, tenantOf } from './client-of.js';
import { readBody, readText } from './read-body.js';
import { readFilter } from './read-filter.js';

/** What `scopeRoutes` is told. */
export interface ScopeRoutesOptions<T> {
  readonly store: AssignmentStore;
  /** The kind of record that the scopes divide. */
  readonly scopes: RecordScopes<T>;
  /** Which attributes filters may name: those that `attributes` of the scopes gives. */
  readonly attributes: readonly [string, ...string[]];
  /** Who may see scopes and assignments. One permission includes no other: list the writing ones too. */
  readonly read: readonly [Grant, ...Grant[]];
  /** Who may change scopes and assign clients. A client that may do this can assign itself. */
  readonly write: readonly [Grant, ...Grant[]];
}

/**
 * Mounts the management of scopes and of the clients that are assigned to them:
 *
 * | | |
 * | --- | --- |
 * | `GET path` | `{ scopes: [{ name, filter }] }` |
 * | `PUT path/:scope` with `{ filter }` | defines a scope, or changes it for everyone who is assigned to it |
 * | `DELETE path/:scope` | 409 while clients are assigned to it |
 * | `GET path/:scope/assignments` | `{ assignments: [{ id, client, permission, reason, createdBy, createdAt }] }` |
 * | `POST path/:scope/assignments` with `{ client, permission, reason }` | the client by the object id of its service principal |
 * | `DELETE path/:scope/assignments/:assignment` | ends it, from the next request on |
 *
 * Scopes and clients are those of the caller's tenant; of another, by `?tenantId=`, where the grant that matched says
 * `.acrossTenants()`. Mount `express.json()` before. NOT checked: whether Entra knows a service principal of that id, and grants it
 * the permission.
 *
 * ```ts
 * scopeRoutes(app, '/mailbox-scopes', {
 *   store: assignments,
 *   scopes: mailboxScopes,
 *   attributes: ['department'],
 *   read: [application('Scope.Read.All'), application('Scope.ReadWrite.All')],
 *   write: [application('Scope.ReadWrite.All')],
 * });
 * ```
 *
 * @throws ConfigurationError where a grant is about single records: scopes belong to none
 */
export function scopeRoutes<T>(
  router: ManagementRouter,
  path: string,
  { store, scopes, attributes, read, write }: ScopeRoutesOptions<T>,
): void {
  if (attributes.length === 0)
    throw new ConfigurationError("scopeRoutes: name the attributes that filters may use: attributes: ['department'].");
  for (const grant of [...read, ...write]) {
    if ('records' in grant.narrowing)
      throw new ConfigurationError(
        `scopeRoutes: "${describeGrant(grant)}" is about single records, and scopes belong to none. Use a permission of its own.`,
      );
  }
  const record = scopes.record.name;
  const scopeOf = (req: ManagementRequest): ScopeName => ({
    tenantId: tenantOf(req),
    record,
    name: readScopeName(req.params.scope),
  });
  const noSuchScope = () => new Problem(404, 'There is no such scope.');

  router.get(
    path,
    allow(...read),
    answering(async (req) => {
      const found = await store.scopes({ tenantId: tenantOf(req), record });
      return { status: 200, body: { scopes: found.map(({ name, filter }) => ({ name, filter })) } };
    }),
  );
  router.put(
    `${path}/:scope`,
    allow(...write),
    answering(async (req) => {
      const of = scopeOf(req);
      const filter = readFilter(readBody(req, 'filter').filter, attributes);
      const outcome = await store.putScope({ ...of, filter });
      return { status: outcome === 'created' ? 201 : 200, body: { name: of.name, filter } };
    }),
  );
  router.delete(
    `${path}/:scope`,
    allow(...write),
    answering(async (req) => {
      const outcome = await store.deleteScope(scopeOf(req));
      if (outcome === 'absent') throw noSuchScope();
      if (outcome === 'assigned')
        throw new Problem(409, 'Clients are assigned to the scope: end the assignments first.');
      return { status: 204 };
    }),
  );

  router.get(
    `${path}/:scope/assignments`,
    allow(...read),
    answering(async (req) => {
      const of = scopeOf(req);
      const defined = await store.scopes(of);
      if (!defined.some(({ name }) => name === of.name)) throw noSuchScope();
      return { status: 200, body: { assignments: (await store.assignments(of)).map(shown) } };
    }),
  );
  router.post(
    `${path}/:scope/assignments`,
    allow(...write),
    answering(async (req) => {
      const { name: scope } = scopeOf(req);
      const { client, permission, reason } = readBody(req, 'client', 'permission', 'reason');
      const outcome = await store.assign({
        record,
        scope,
        client: clientOf(req, client),
        permission: readPermission(permission, write[0]),
        reason: reason === undefined ? undefined : readText(reason, 'reason'),
        createdBy: callerOf(req).principal,
      });
      if (outcome === 'no-such-scope') throw noSuchScope();
      if (outcome === 'already-assigned')
        throw new Problem(409, 'The client is assigned to the scope for this permission already.');
      return { status: 201, body: shown(outcome) };
    }),
  );
  router.delete(
    `${path}/:scope/assignments/:assignment`,
    allow(...write),
    answering(async (req) => {
      if (!(await store.unassign(scopeOf(req), req.params.assignment ?? '')))
        throw new Problem(404, 'There is no such assignment.');
      return { status: 204 };
    }),
  );
}

/** The record and the scope are in the path already. */
function shown({ record: _record, scope: _scope, ...rest }: ScopeAssignment) {
  return rest;
}

/** @throws Problem where the API has no such application permission */
function readPermission(value: unknown, { catalogue }: Grant): string {
  if (typeof value === 'string' && Object.hasOwn(catalogue, value) && catalogue[value]?.application !== undefined)
    return value;
  throw new Problem(400, '"permission" must be an application permission of this API.');
}

/** @throws Problem */
function readScopeName(value: string | undefined): string {
  if (value === undefined || !/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(value))
    throw new Problem(400, 'The name of a scope has 1 to 100 letters, digits, dots, hyphens or underscores.');
  return value;
}
