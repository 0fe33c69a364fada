import { isSamePrincipal, type Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import { checkFilter } from '../permissions/index.js';
import type { ScopeDefinition, Selection } from './assignment-store.js';

/**
 * What every store refuses to keep, for it could not be told later what it opens.
 *
 * @throws ConfigurationError
 */
export function checkSelection({ client, roles }: Selection): void {
  asStored(client);
  if (roles.length === 0) throw new ConfigurationError('putSelection: name a role, or deleteSelection.');
}

/** @throws ConfigurationError */
export function checkScope({ tenantId, filter }: ScopeDefinition): void {
  asStored({ tenantId, objectId: tenantId });
  checkFilter(filter);
}

/**
 * A principal as stores keep it, in lower case.
 *
 * @throws ConfigurationError where it is no pair of GUIDs
 */
export function asStored(principal: Principal): Principal {
  isSamePrincipal(principal, principal);
  const { tenantId, objectId } = principal;
  return Object.freeze({ tenantId: tenantId.toLowerCase(), objectId: objectId.toLowerCase() });
}
