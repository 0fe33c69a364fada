import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import type { OAuth2PermissionGrant } from './oauth2-permission-grants.js';

/** Consent by names. */
export interface ScopeGrantByName {
  /** The client: display name, client id or object id. */
  readonly client: string;
  /** The API: display name, client id or object id. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** The user who consents: name, user principal name or object id. Left out: an administrator, for everyone. */
  readonly user?: string | undefined;
  /** Id or domain. Default: the first tenant. */
  readonly tenant?: string | undefined;
}

/** Adds to what the client was granted already. */
export function grantScopes(directory: Directory, { scopes, ...names }: ScopeGrantByName): OAuth2PermissionGrant {
  return directory.oauth2PermissionGrants.consent({ ...idsOf(directory, names), scopes });
}

/** Takes scopes away; a grant of none is none. */
export function revokeScopes(directory: Directory, { scopes, ...names }: ScopeGrantByName): void {
  const ids = idsOf(directory, names);
  const grant = directory.oauth2PermissionGrants
    .all()
    .find(
      (each) =>
        each.clientPrincipalId === ids.clientPrincipalId &&
        each.resourceId === ids.resourceId &&
        each.principalId === ids.principalId,
    );
  const missing = scopes.find((scope) => !grant?.scopes.includes(scope));
  if (!grant || missing !== undefined) {
    throw new DirectoryError(
      'Request_ResourceNotFound',
      `${names.client} was not granted ${missing} of ${names.resource}`,
    );
  }
  const remaining = grant.scopes.filter((scope) => !scopes.includes(scope));
  if (remaining.length === 0) {
    directory.oauth2PermissionGrants.delete(grant.id);
  } else {
    directory.oauth2PermissionGrants.update(grant.id, remaining);
  }
}

function idsOf(directory: Directory, { client, resource, user, tenant }: Omit<ScopeGrantByName, 'scopes'>) {
  const { tenantId } = directory.tenantCalled(tenant);
  return {
    clientPrincipalId: directory.servicePrincipals.named(client, tenantId).objectId,
    resourceId: directory.servicePrincipals.named(resource, tenantId).objectId,
    principalId: user === undefined ? null : directory.users.named(user, tenantId).objectId,
  };
}
