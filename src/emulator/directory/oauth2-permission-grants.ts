import { randomUUID } from 'node:crypto';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import type { ServicePrincipal } from './service-principal.js';

/** That a client may act for a user, or for every user of the tenant, with these delegated permissions of a resource. */
export interface OAuth2PermissionGrant {
  readonly id: string;
  readonly tenantId: string;
  /** The service principal of the client. Microsoft Graph calls it `clientId`, which here is something else. */
  readonly clientPrincipalId: string;
  readonly consentType: 'AllPrincipals' | 'Principal';
  /** The user; `null` for every user. */
  readonly principalId: string | null;
  /** The service principal of the API. */
  readonly resourceId: string;
  readonly scopes: readonly string[];
}

/** Who consented to what. State: one immutable grant per id; at most one per client, resource and user. */
export class OAuth2PermissionGrants {
  readonly #byId = new Map<string, OAuth2PermissionGrant>();
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  all(): readonly OAuth2PermissionGrant[] {
    return [...this.#byId.values()];
  }

  find(id: string): OAuth2PermissionGrant | undefined {
    return this.#byId.get(id);
  }

  /** What a client may do for a user: the tenant-wide grant and the user's own together. */
  scopesOf(client: ServicePrincipal, resource: ServicePrincipal, userId: string): readonly string[] {
    const grants = this.all().filter(
      (each) =>
        each.clientPrincipalId === client.objectId &&
        each.resourceId === resource.objectId &&
        (each.principalId === null || each.principalId === userId),
    );
    return [...new Set(grants.flatMap(({ scopes }) => scopes))];
  }

  create(
    given: Pick<OAuth2PermissionGrant, 'clientPrincipalId' | 'principalId' | 'resourceId' | 'scopes'>,
  ): OAuth2PermissionGrant {
    const { tenantId } = this.#check(given);
    if (this.#matching(given)) {
      throw new DirectoryError('Request_MultipleObjectsWithSameKeyValue', 'Permission entry already exists');
    }
    return this.#put({
      ...given,
      id: randomUUID(),
      tenantId,
      consentType: given.principalId === null ? 'AllPrincipals' : 'Principal',
    });
  }

  /** Replaces the scopes of a grant. */
  update(id: string, scopes: readonly string[]): OAuth2PermissionGrant {
    const grant = this.#get(id);
    this.#check({ ...grant, scopes });
    return this.#put({ ...grant, scopes });
  }

  /** Adds scopes to what was granted already, as consent does. */
  consent(
    given: Pick<OAuth2PermissionGrant, 'clientPrincipalId' | 'principalId' | 'resourceId' | 'scopes'>,
  ): OAuth2PermissionGrant {
    const before = this.#matching(given);
    return before ? this.update(before.id, [...new Set([...before.scopes, ...given.scopes])]) : this.create(given);
  }

  delete(id: string): void {
    this.#byId.delete(this.#get(id).id);
  }

  /** Everything that a deleted object had, or that others had on it. */
  forget(objectId: string): void {
    for (const grant of this.all()) {
      if ([grant.clientPrincipalId, grant.resourceId, grant.principalId].includes(objectId)) {
        this.#byId.delete(grant.id);
      }
    }
  }

  #matching(
    wanted: Pick<OAuth2PermissionGrant, 'clientPrincipalId' | 'principalId' | 'resourceId'>,
  ): OAuth2PermissionGrant | undefined {
    return this.all().find(
      (each) =>
        each.clientPrincipalId === wanted.clientPrincipalId &&
        each.resourceId === wanted.resourceId &&
        each.principalId === wanted.principalId,
    );
  }

  #check({
    clientPrincipalId,
    principalId,
    resourceId,
    scopes,
  }: Pick<OAuth2PermissionGrant, 'clientPrincipalId' | 'principalId' | 'resourceId' | 'scopes'>): ServicePrincipal {
    const resource = this.#directory.servicePrincipals.find(resourceId);
    if (!resource) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${resourceId}' does not exist`, 'resourceId');
    }
    const parties = {
      clientPrincipalId: this.#directory.servicePrincipals.find(clientPrincipalId),
      ...(principalId !== null && { principalId: this.#directory.users.find(principalId) }),
    };
    for (const [field, party] of Object.entries(parties)) {
      if (party?.tenantId !== resource.tenantId) {
        throw new DirectoryError('Request_ResourceNotFound', 'no such object in the tenant of the resource', field);
      }
    }
    const { oauth2PermissionScopes, displayName } = this.#directory.servicePrincipals.applicationOf(resource);
    const defined = oauth2PermissionScopes.map(({ value }) => value);
    const unknown = scopes.find((scope) => !defined.includes(scope));
    if (unknown !== undefined || scopes.length === 0) {
      throw new DirectoryError(
        'Request_BadRequest',
        `${displayName} does not define ${JSON.stringify(unknown ?? '')}; it defines ${defined.join(', ') || 'none'}`,
        'scopes',
      );
    }
    return resource;
  }

  #get(id: string): OAuth2PermissionGrant {
    const found = this.find(id);
    if (!found) {
      throw new DirectoryError('Request_ResourceNotFound', `Resource '${id}' does not exist`);
    }
    return found;
  }

  #put(grant: OAuth2PermissionGrant): OAuth2PermissionGrant {
    const kept = Object.freeze(grant);
    this.#byId.set(kept.id, kept);
    return kept;
  }
}
