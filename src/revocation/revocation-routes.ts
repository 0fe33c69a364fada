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
import type { NewRevocation } from './revocation.js';
import type { Revocations } from './revocations.js';
import { unixSeconds } from './unix-seconds.js';

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
 * Where several tenants may call, a caller revokes its own tenant or principals of it, at most 100 entries of at most 30 days, and
 * sees and restores what callers of its tenant have written: not what an operator has. The rest is for those whose grant says
 * `.acrossTenants()`. Mount `express.json()` before. A store that is away is 503.
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
      const tenantId = onlyTenantOf(req);
      const listed = revocations.list().filter((each) => tenantId === undefined || each.by?.tenantId === tenantId);
      return { status: 200, body: { revocations: listed } };
    }),
  );
  router.post(
    path,
    allow(...write),
    answering(async (req) => {
      const tenantId = onlyTenantOf(req);
      const told = readMembers(req.body, 'The body', sentMembers) as unknown as NewRevocation;
      if (tenantId !== undefined) checkShare(tenantId, told, revocations);
      const revocation = await revocations.revoke({ ...told, by: callerOf(req).principal });
      return { status: 201, body: revocation, location: `${req.baseUrl}${path}/${revocation.id}` };
    }),
  );
  router.delete(
    `${path}/:revocation`,
    allow(...write),
    answering(async (req) => {
      const tenantId = onlyTenantOf(req);
      const id = req.params.revocation ?? '';
      const writer = revocations.list().find((each) => each.id === id)?.by?.tenantId;
      const mayRestore = tenantId === undefined || writer === tenantId;
      if (!mayRestore || !(await revocations.restore(id, callerOf(req).principal)))
        throw new Problem(404, 'There is no such revocation.');
      return { status: 204 };
    }),
  );
}

/** The tenant that the caller is confined to: undefined where it may write for all. */
function onlyTenantOf(req: ManagementRequest): string | undefined {
  const mayCross = decisionOf(req).explanation.some(({ outcome, grant }) => outcome === 'matched' && grant.everyTenant);
  return mayCross || !stateOf(req).api.severalTenants ? undefined : callerOf(req).tenantId;
}

/** Of a list that all tenants share, one takes this many entries, those taken back included. */
const entriesOfATenant = 100;
/** Days. */
const longestOfATenant = 30;

/** @throws Problem where a tenant would reach beyond itself, or take room from the others */
function checkShare(tenantId: string, { subject, expiresAt = 0 }: NewRevocation, { entriesBy }: Revocations): void {
  const isItsOwn =
    (subject?.kind === 'principal' || subject?.kind === 'tenant') &&
    String(subject.tenantId).toLowerCase() === tenantId;
  if (!isItsOwn) throw new Problem(403, 'You may revoke your own tenant, or a principal of it: no other subject.');
  if (Number(expiresAt) > unixSeconds() + longestOfATenant * 86_400)
    throw new Problem(400, `"expiresAt" must be within ${longestOfATenant} days.`);
  if (entriesBy(tenantId) >= entriesOfATenant)
    throw new Problem(
      409,
      `Your tenant has written ${entriesOfATenant} entries. Revoke the tenant instead of many principals.`,
    );
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
