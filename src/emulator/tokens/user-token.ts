import { at, wrong } from '../wrong.js';
import { clientAuthenticationOf } from './client-authentication-of.js';
import { issueUserToken } from './issue-user-token.js';
import type { Issuer } from './issuer.js';
import { mustDefine } from './must-define.js';

export interface UserTokenRequest {
  /** Name, user principal name or object id. */
  readonly user: string;
  /** The client through which the user acts: display name, client id or object id. */
  readonly client: string;
  /** The API that the token is for: display name, client id or object id. */
  readonly resource: string;
  /** At least one of the delegated permissions that the API defines. */
  readonly scopes: readonly string[];
  /** Of the user roles that the API defines, instead of those that were assigned to the user. */
  readonly userRoles?: readonly string[];
  /** Id or domain of the tenant. Needed where several have a user of this name. */
  readonly tenant?: string;
}

/** A user's access token by names, without a sign-in: nobody is asked for a password, nothing is checked for consent. */
export function userToken(issuer: Issuer, { scopes, userRoles, ...names }: UserTokenRequest): string {
  const { users, servicePrincipals, applications } = issuer.directory;
  const tenantId = names.tenant && at('tenant', () => issuer.directory.tenantCalled(names.tenant).tenantId);
  const user = at('user', () => users.named(names.user, tenantId));
  const client = at('client', () => servicePrincipals.named(names.client, user.tenantId));
  const resource = at('resource', () => servicePrincipals.named(names.resource, user.tenantId));
  const api = at('resource', () => servicePrincipals.applicationOf(resource));
  if (scopes.length === 0) {
    throw wrong('scopes', "a user's access token carries at least one scope");
  }
  mustDefine('scopes', api, api.oauth2PermissionScopes, scopes);
  const roles = servicePrincipals.appRolesOf(resource).filter((role) => role.allowedMemberTypes.includes('User'));
  mustDefine('userRoles', api, roles, userRoles ?? []);
  return issueUserToken(issuer, {
    user,
    client,
    clientAuthentication: clientAuthenticationOf(applications.find(client.clientId)),
    resource,
    audience: api.identifierUris[0] ?? api.clientId,
    scopes,
    userRoles,
  }).accessToken;
}
