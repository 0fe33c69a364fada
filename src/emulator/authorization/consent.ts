import { needsAdminConsent, notConsented, nothingToConsentTo } from '../aadsts.js';
import type { Application, OAuth2PermissionScope } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { User } from '../directory/user.js';
import { knownClient } from '../grants/known-client.js';
import { type RequestedPermissions, requestedScopes } from '../grants/requested-scopes.js';

/** What a user has not agreed to yet, before a client may act for them. */
export interface Consent {
  readonly user: User;
  readonly application: Application;
  readonly client: ServicePrincipal;
  readonly missing: readonly MissingPermissions[];
  /** Whether the user may agree: some scopes are an administrator's to grant, and all are where assignment is required. */
  readonly allowed: boolean;
  /** Whether the user may agree for everyone. */
  readonly isAdmin: boolean;
}

export interface MissingPermissions {
  readonly resource: ServicePrincipal;
  readonly scopes: readonly OAuth2PermissionScope[];
}

/** @param again also what was agreed to before (`prompt=consent`) */
export function consentFor(
  directory: Directory,
  user: User,
  application: Application,
  scope: string,
  again = false,
): Consent {
  const client = knownClient(directory, application.clientId, user.tenantId);
  const missing = requestedScopes(directory, application, user.tenantId, scope).permissions.flatMap(
    ({ resource, scopes }): MissingPermissions[] => {
      const granted = directory.oauth2PermissionGrants.scopesOf(client, resource, user.objectId);
      if (scopes === 'default' && granted.length === 0) {
        throw nothingToConsentTo(client, resource);
      }
      const wanted = scopes === 'default' ? granted : scopes;
      const values = again ? wanted : wanted.filter((value) => !granted.includes(value));
      const { oauth2PermissionScopes } = directory.servicePrincipals.applicationOf(resource);
      const found = oauth2PermissionScopes.filter(({ value }) => values.includes(value));
      return found.length > 0 ? [{ resource, scopes: found }] : [];
    },
  );
  const isAdmin = user.directoryRoles.length > 0;
  const forAdmins =
    client.appRoleAssignmentRequired || missing.some(({ scopes }) => scopes.some(({ type }) => type === 'Admin'));
  return { user, application, client, missing, allowed: isAdmin || !forAdmins, isAdmin };
}

/** @param forEveryone an administrator's: for every user of the tenant */
export function giveConsent(directory: Directory, consent: Consent, forEveryone = false): void {
  const { user, client, missing, allowed, isAdmin } = consent;
  if (!allowed || (forEveryone && !isAdmin)) {
    throw needsAdminConsent(client);
  }
  for (const { resource, scopes } of missing) {
    directory.oauth2PermissionGrants.consent({
      clientPrincipalId: client.objectId,
      resourceId: resource.objectId,
      principalId: forEveryone ? null : user.objectId,
      scopes: scopes.map(({ value }) => value),
    });
  }
}

/** Everything that was agreed to for a resource, which is what a token carries; throws where something asked for was not. */
export function consentedScopes(
  directory: Directory,
  user: User,
  client: ServicePrincipal,
  { resource, scopes }: RequestedPermissions,
): readonly string[] {
  const granted = directory.oauth2PermissionGrants.scopesOf(client, resource, user.objectId);
  const isMissing = scopes === 'default' ? granted.length === 0 : scopes.some((scope) => !granted.includes(scope));
  if (isMissing) {
    throw notConsented(client);
  }
  return granted;
}
