import { randomBytes } from 'node:crypto';
import { clientNotAssigned, unknownClient } from '../aadsts.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import { personalAccounts } from '../directory/tenant.js';
import { signToken } from '../keys/sign-token.js';
import { applicationClaims } from './application-claims.js';
import { type ClientAuthentication, EXPIRES_IN } from './issuance.js';
import type { Issuer } from './issuer.js';

export interface ApplicationAccessTokenRequest {
  readonly client: ServicePrincipal;
  readonly clientAuthentication: ClientAuthentication;
  readonly resource: ServicePrincipal;
  /** The resource as the client wrote it. */
  readonly audience: string;
  /** Instead of those that the directory has. */
  readonly roles?: readonly string[] | undefined;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresIn: number;
}

/** Azure keeps the tokens of managed identities for a day. */
const MANAGED_IDENTITY_EXPIRES_IN = 24 * 3600 - 1;

/** A client's own token, with every app role that was granted to it, or the refusal that Entra would answer with. Personal accounts have no clients of their own. */
export function issueApplicationToken(issuer: Issuer, request: ApplicationAccessTokenRequest): IssuedToken {
  const { client, resource, clientAuthentication, audience } = request;
  if (resource.tenantId === personalAccounts.tenantId) {
    throw unknownClient(client.clientId, resource.tenantId);
  }
  const roles = request.roles ?? issuer.directory.appRoleAssignments.rolesOf(client.objectId, resource);
  if (!roles && resource.appRoleAssignmentRequired) {
    throw clientNotAssigned(client, resource);
  }
  const expiresIn = client.servicePrincipalType === 'ManagedIdentity' ? MANAGED_IDENTITY_EXPIRES_IN : EXPIRES_IN;
  const claims = applicationClaims(
    {
      issuerOrigin: issuer.issuerOrigin,
      tenantId: resource.tenantId,
      clientId: client.clientId,
      clientAuthentication,
      resource: issuer.directory.servicePrincipals.applicationOf(resource),
      audience,
      now: issuer.clock.seconds(),
      expiresIn,
      tokenId: randomBytes(16).toString('base64url'),
    },
    client,
    roles ?? [],
  );
  issuer.log.add({
    event: 'issued',
    kind: 'application',
    tenantId: resource.tenantId,
    clientId: client.clientId,
    resourceId: resource.clientId,
    roles: roles ?? [],
    scopes: [],
    tokenId: claims.uti,
  });
  return { accessToken: signToken(claims, issuer.keys.signing), expiresIn };
}
