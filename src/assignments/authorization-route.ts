import { allow, answering, type ManagementRouter, type RecordType } from '../express/index.js';
import type { Grant } from '../permissions/index.js';
import { clientOf } from './client-of.js';
import { testAuthorization, testedGrants } from './test-authorization.js';

/** What `authorizationRoute` is told. */
export interface AuthorizationRouteOptions<T> {
  readonly record: RecordType<T>;
  /** The grants of the route that is asked about: the same ones that its `allow` has. */
  readonly grants: readonly [Grant, ...Grant[]];
  /** Who may ask. */
  readonly read: readonly [Grant, ...Grant[]];
}

/**
 * Mounts `GET path/:client`: may this client do that to this record, and through which assignment? The answer is an `Authorization`,
 * see `testAuthorization`; `express-app-roles test-authorization` asks it from the command line.
 *
 * The path holds the parameter of the record, which has to be in the caller's tenant. Clients are of the caller's tenant; of another,
 * by `?tenantId=`, where the grant that matched says `.acrossTenants()`.
 *
 * ```ts
 * authorizationRoute(app, '/mailboxes/:id/senders', {
 *   record: mailbox,
 *   grants: maySend,
 *   read: [application('Scope.Read.All')],
 * });
 * ```
 *
 * @throws ConfigurationError where a grant cannot be tested on one record of this kind
 */
export function authorizationRoute<T>(
  router: ManagementRouter,
  path: string,
  { record, grants, read }: AuthorizationRouteOptions<T>,
): void {
  testedGrants(grants, record);
  router.get(
    `${path}/:client`,
    allow(...read),
    answering(async (req) => {
      const client = clientOf(req, req.params.client);
      const item = await record.load(req);
      return { status: 200, body: { client, ...(await testAuthorization({ client, grants, record, item })) } };
    }),
  );
}
