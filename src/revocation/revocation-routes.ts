import { ConfigurationError } from '../errors/index.js';
import {
  allow,
  answering,
  callerOf,
  decisionOf,
  type ManagementRequest,
  type ManagementRouter,
  Problem,
  stateOf,
} from '../express/index.js';
import { describeGrant, type Grant } from '../permissions/index.js';
import { sentMembers } from './new-revocation.js';
import { readMembers } from './read-members.js';
import type { NewRevocation, RevokedSubject } from './revocation.js';
import type { Revocations } from './revocations.js';

/** What `revocationRoutes` is told. */
export interface RevocationRoutesOptions {
  readonly revocations: Revocations;
  /** Who may see the list: the object ids of persons and reasons in it. One permission includes no other: list the writing ones too. */
  readonly read: readonly [Grant, ...Grant[]];
  /** Who may revoke and restore: anyone who may can shut out every caller of the API. */
  readonly write: readonly [Grant, ...Grant[]];
}

/**
 * Mounts the management of revocations:
 *
 * | | |
 * | --- | --- |
 * | `GET path` | `{ revocations: [{ id, subject, issuedBefore, reason, createdAt, expiresAt, by }] }` |
 * | `POST path` with `{ subject, reason, issuedBefore, expiresAt }` | revokes; see `NewRevocation`. `by` becomes the caller's principal |
 * | `DELETE path/:revocation` | restores: 204, and 404 where there is none |
 *
 * Where several tenants may call, a caller sees and writes what is of its own tenant, a principal of it or the tenant; the rest is
 * for those whose grant says `.acrossTenants()`. Mount `express.json()` before. A store that is away is 503.
 *
 * ```ts
 * revocationRoutes(app, '/revocations', {
 *   revocations: revoked,
 *   read: [application('Revocation.Read.All'), application('Revocation.ReadWrite.All')],
 *   write: [application('Revocation.ReadWrite.All')],
 * });
 * ```
 *
 * @throws ConfigurationError where a grant is about records, or everyone who may read may write
 */
export function revocationRoutes(
  router: ManagementRouter,
  path: string,
  { revocations, read, write }: RevocationRoutesOptions,
): void {
  checkGrants(read, write);

  router.get(
    path,
    allow(...read),
    answering(async (req) => {
      const isInReach = reachOf(req);
      return { status: 200, body: { revocations: revocations.list().filter(({ subject }) => isInReach(subject)) } };
    }),
  );
  router.post(
    path,
    allow(...write),
    answering(async (req) => {
      const isInReach = reachOf(req);
      const told = readMembers(req.body, 'The body', sentMembers) as unknown as NewRevocation;
      if (!isInReach(told.subject))
        throw new Problem(403, 'You may revoke your own tenant, or a principal of it: no other subject.');
      const revocation = await revocations.revoke({ ...told, by: callerOf(req).principal });
      return { status: 201, body: revocation, location: `${req.baseUrl}${path}/${revocation.id}` };
    }),
  );
  router.delete(
    `${path}/:revocation`,
    allow(...write),
    answering(async (req) => {
      const isInReach = reachOf(req);
      const id = req.params.revocation ?? '';
      const subject = revocations.list().find((each) => each.id === id)?.subject;
      if (!isInReach(subject) || !(await revocations.restore(id, callerOf(req).principal)))
        throw new Problem(404, 'There is no such revocation.');
      return { status: 204 };
    }),
  );
}

/** Which subjects the caller may see and write. What is not known to be of the caller's tenant is not. */
function reachOf(req: ManagementRequest): (subject: RevokedSubject | undefined) => boolean {
  const { tenantId } = callerOf(req);
  const mayCross = decisionOf(req).explanation.some(({ outcome, grant }) => outcome === 'matched' && grant.everyTenant);
  if (mayCross || !stateOf(req).api.severalTenants) return () => true;
  return (subject) =>
    (subject?.kind === 'principal' || subject?.kind === 'tenant') &&
    String(subject.tenantId).toLowerCase() === tenantId;
}

function checkGrants(read: readonly Grant[], write: readonly Grant[]): void {
  for (const grant of [...read, ...write]) {
    if ('records' in grant.narrowing) {
      throw new ConfigurationError(
        `revocationRoutes: "${describeGrant(grant)}" is about records, and a revocation belongs to none. Use a permission of its own.`,
      );
    }
  }
  const writing = write.map(describeGrant);
  if (read.every((grant) => writing.includes(describeGrant(grant)))) {
    throw new ConfigurationError(
      "revocationRoutes: whoever may read may write. Writing needs a permission of its own: read: [application('Revocation.Read.All'), " +
        "application('Revocation.ReadWrite.All')], write: [application('Revocation.ReadWrite.All')].",
    );
  }
}
