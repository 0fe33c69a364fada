import { ConfigurationError } from '../errors/index.js';
import { isGuid } from '../token/index.js';

/**
 * A directory object that acts: a user, or a client's service principal. The pair is the identity; an object id alone,
 * a name, `sub` or a client id is not.
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-validation#validate-the-subject
 */
export interface Principal {
  readonly tenantId: string;
  readonly objectId: string;
}

/**
 * Whether two principals are one. GUIDs are compared without regard to case.
 *
 * @throws ConfigurationError where either is not a pair of GUIDs: nothing equals nothing
 */
export function isSamePrincipal(one: Principal, other: Principal): boolean {
  const [a, b] = [principalKey(one), principalKey(other)];
  return a === b;
}

function principalKey(principal: Principal): string {
  const { tenantId, objectId } = principal ?? {};
  if (!isGuid(tenantId) || !isGuid(objectId)) {
    throw new ConfigurationError(
      'A principal is { tenantId, objectId }, two GUIDs. Names, addresses, sub and client ids identify no one.',
    );
  }
  return `${tenantId}/${objectId}`.toLowerCase();
}
