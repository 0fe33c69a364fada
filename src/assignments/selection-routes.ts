import { ConfigurationError } from '../errors/index.js';
import {
  allow,
  answering,
  type ManagementRequest,
  type ManagementRouter,
  Problem,
  type RecordType,
} from '../express/index.js';
import { describeGrant, type Grant, isList, type RecordRule } from '../permissions/index.js';
import type { AssignmentStore, SelectionKey } from './assignment-store.js';
import { clientOf } from './client-of.js';
import { readBody } from './read-body.js';

/** What `selectionRoutes` is told. */
export interface SelectionRoutesOptions<T> {
  readonly store: AssignmentStore;
  /** The kind of record. Its `selections` say which roles there are. */
  readonly record: RecordType<T>;
  /** Who may see what was granted on a record. One permission includes no other: list the writing ones too. */
  readonly read: readonly [Grant, ...Grant[]];
  /**
   * Who may grant and take away. A client that may do this can grant to itself; `.owned(record)` leaves it to the owners of each
   * record.
   */
  readonly write: readonly [Grant, ...Grant[]];
}

/**
 * Mounts the management of grants of single records, as `/sites/{id}/permissions` of Microsoft Graph:
 *
 * | | |
 * | --- | --- |
 * | `GET path` | `{ selections: [{ client: { tenantId, objectId }, roles }] }` |
 * | `PUT path/:client` with `{ roles }` | sets what the client, by the object id of its service principal, may do |
 * | `DELETE path/:client` | takes it away, from the next request on |
 *
 * The path holds the parameter of the record. The record has to be there, and in the caller's tenant. Clients are of the caller's
 * tenant; of another, by `?tenantId=`, where the grant that matched says `.acrossTenants()`. Mount `express.json()` before.
 * NOT checked: whether Entra knows a service principal of that id, and grants it the permission.
 *
 * ```ts
 * selectionRoutes(app, '/mailboxes/:id/selections', {
 *   store: assignments,
 *   record: mailbox,
 *   read: [application('Selection.Read.All'), application('Selection.ReadWrite.All')],
 *   write: [application('Selection.ReadWrite.All')],
 * });
 * ```
 *
 * @throws ConfigurationError where the record has no `selections`, or a grant is of a list or of another kind of record
 */
export function selectionRoutes<T>(
  router: ManagementRouter,
  path: string,
  { store, record, read, write }: SelectionRoutesOptions<T>,
): void {
  const { selections, name } = record;
  if (selections === undefined)
    throw new ConfigurationError(`selectionRoutes: record '${name}' has no selections. Add them to record({ … }).`);
  for (const grant of [...read, ...write]) checkIsOf(grant, record);

  const recordOf = async (req: ManagementRequest) => ({ record: name, key: selections.key(await record.load(req)) });
  const selectionOf = async (req: ManagementRequest): Promise<SelectionKey> => {
    const client = clientOf(req, req.params.client);
    return { ...(await recordOf(req)), client };
  };

  router.get(
    path,
    allow(...read),
    answering(async (req) => {
      const found = await store.selections(await recordOf(req));
      return { status: 200, body: { selections: found.map(({ client, roles }) => ({ client, roles })) } };
    }),
  );
  router.put(
    `${path}/:client`,
    allow(...write),
    answering(async (req) => {
      const roles = readRoles(readBody(req, 'roles').roles, selections.roles);
      const of = await selectionOf(req);
      const outcome = await store.putSelection({ ...of, roles });
      return { status: outcome === 'created' ? 201 : 200, body: { client: of.client, roles } };
    }),
  );
  router.delete(
    `${path}/:client`,
    allow(...write),
    answering(async (req) => {
      if (!(await store.deleteSelection(await selectionOf(req))))
        throw new Problem(404, 'Nothing was granted to this client on the record.');
      return { status: 204 };
    }),
  );
}

function checkIsOf<T>(grant: Grant, record: RecordType<T>): void {
  const { narrowing } = grant;
  const records: readonly RecordRule<unknown>[] = 'records' in narrowing ? narrowing.records : [];
  const isAboutOne = !isList(narrowing) && narrowing.kind !== 'creates';
  if (isAboutOne && records.every((rule) => rule === (record as RecordRule<unknown>))) return;
  throw new ConfigurationError(
    `selectionRoutes: "${describeGrant(grant)}" is not about one ${record.name}. Give grants of all records, or .owned(${record.name}).`,
  );
}

/** @throws Problem */
function readRoles(value: unknown, roles: readonly string[]): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((role) => roles.includes(role)))
    throw new Problem(400, `"roles" must be some of ${roles.join(', ')}; none of them is a DELETE.`);
  return [...new Set(value as readonly string[])];
}
