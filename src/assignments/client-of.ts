import type { Principal } from '../caller/index.js';
import { callerOf, decisionOf, type ManagementRequest, Problem } from '../express/index.js';
import { isGuid } from '../token/index.js';

/**
 * The tenant that a request is about: the caller's; another one, by `?tenantId=`, for those alone whom a grant lets across tenants.
 *
 * @throws Problem
 */
export function tenantOf(req: ManagementRequest): string {
  const { tenantId } = callerOf(req);
  const [wanted = tenantId, ...others] = queryOf(req).getAll('tenantId');
  if (others.length > 0 || !isGuid(wanted)) throw new Problem(400, '"tenantId" must be one GUID.');
  const { explanation } = decisionOf(req);
  const mayCross = explanation.some(({ outcome, grant }) => outcome === 'matched' && grant.everyTenant);
  if (!mayCross && wanted.toLowerCase() !== tenantId) throw new Problem(404, 'There is no such tenant.');
  return wanted.toLowerCase();
}

/** What follows the first question mark: the rest of a request target may be no URL. */
function queryOf({ url = '' }: ManagementRequest): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

/** @throws Problem where the object id is none */
export function clientOf(req: ManagementRequest, objectId: unknown): Principal {
  if (!isGuid(objectId))
    throw new Problem(400, 'The client is named by the object id of its service principal, which is a GUID.');
  return { tenantId: tenantOf(req), objectId: objectId.toLowerCase() };
}
