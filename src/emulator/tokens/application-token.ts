import { at } from '../wrong.js';
import { clientAuthenticationOf } from './client-authentication-of.js';
import { issueApplicationToken } from './issue-application-token.js';
import type { Issuer } from './issuer.js';
import { mustDefine } from './must-define.js';

export interface ApplicationTokenRequest {
  /** The client: display name, client id or object id. */
  readonly client: string;
  /** The API that the token is for: display name, client id or object id. */
  readonly resource: string;
  /** Of the application permissions that the API defines, instead of those that were granted to the client. */
  readonly appRoles?: readonly string[];
  /** Id or domain of the tenant. Default: the first. */
  readonly tenant?: string;
}

/** A client's own access token by names: it is not asked for its secret. */
export function applicationToken(issuer: Issuer, { appRoles, ...names }: ApplicationTokenRequest): string {
  const { servicePrincipals, applications } = issuer.directory;
  const { tenantId } = at('tenant', () => issuer.directory.tenantCalled(names.tenant));
  const client = at('client', () => servicePrincipals.named(names.client, tenantId));
  const resource = at('resource', () => servicePrincipals.named(names.resource, tenantId));
  const api = at('resource', () => servicePrincipals.applicationOf(resource));
  const roles = api.appRoles.filter((role) => role.allowedMemberTypes.includes('Application'));
  mustDefine('appRoles', api, roles, appRoles ?? []);
  return issueApplicationToken(issuer, {
    client,
    clientAuthentication: clientAuthenticationOf(applications.find(client.clientId)),
    resource,
    audience: api.identifierUris[0] ?? api.clientId,
    roles: appRoles,
  }).accessToken;
}
