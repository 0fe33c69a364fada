import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';

/** The owners and one more: a user or a service principal of the same tenant, who is none yet. */
export function withOwner(
  directory: Directory,
  tenantId: string,
  owners: readonly string[],
  ownerId: string,
): readonly string[] {
  const owner = directory.principal(ownerId);
  if (owner?.tenantId !== tenantId) {
    throw new DirectoryError(
      'Request_ResourceNotFound',
      `no user or service principal of the tenant has the object id ${JSON.stringify(ownerId)}`,
      'owners',
    );
  }
  if (owners.includes(owner.objectId)) {
    throw new DirectoryError(
      'Request_BadRequest',
      "One or more added object references already exist for the following modified properties: 'owners'",
      'owners',
    );
  }
  return [...owners, owner.objectId];
}

export function withoutOwner(owners: readonly string[], ownerId: string): readonly string[] {
  const remaining = owners.filter((owner) => owner !== ownerId.toLowerCase());
  if (remaining.length === owners.length) {
    throw new DirectoryError('Request_ResourceNotFound', `${JSON.stringify(ownerId)} is no owner`, 'owners');
  }
  return remaining;
}
