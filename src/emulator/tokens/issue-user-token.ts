import { randomBytes } from 'node:crypto';
import { userNotAssigned } from '../aadsts.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { User } from '../directory/user.js';
import { signToken } from '../keys/sign-token.js';
import { type ClientAuthentication, EXPIRES_IN } from './issuance.js';
import type { IssuedToken } from './issue-application-token.js';
import type { Issuer } from './issuer.js';
import { userClaims } from './user-claims.js';

export interface UserAccessTokenRequest {
  readonly user: User;
  readonly client: ServicePrincipal;
  readonly clientAuthentication: ClientAuthentication;
  readonly resource: ServicePrincipal;
  /** The resource as the client wrote it. */
  readonly audience: string;
  /** What was consented to: whoever asks here has checked it. */
  readonly scopes: readonly string[];
  /** Instead of those that the directory has. */
  readonly userRoles?: readonly string[] | undefined;
}

/** A user's access token, with every user role that was assigned to the user, or the refusal that Entra would answer with. */
export function issueUserToken(issuer: Issuer, request: UserAccessTokenRequest): IssuedToken {
  const { user, client, resource, clientAuthentication, audience, scopes } = request;
  const roles = request.userRoles ?? issuer.directory.appRoleAssignments.rolesOf(user.objectId, resource);
  if (!roles && resource.appRoleAssignmentRequired) {
    throw userNotAssigned(resource);
  }
  const claims = userClaims(
    {
      issuerOrigin: issuer.issuerOrigin,
      tenantId: user.tenantId,
      clientId: client.clientId,
      clientAuthentication,
      resource: issuer.directory.servicePrincipals.applicationOf(resource),
      audience,
      now: issuer.clock.seconds(),
      expiresIn: EXPIRES_IN,
      tokenId: randomBytes(16).toString('base64url'),
    },
    user,
    scopes,
    roles ?? [],
  );
  issuer.log.add({
    event: 'issued',
    kind: 'user',
    tenantId: user.tenantId,
    clientId: client.clientId,
    resourceId: resource.clientId,
    roles: roles ?? [],
    scopes,
    tokenId: claims.uti,
  });
  return { accessToken: signToken(claims, issuer.keys.signing), expiresIn: EXPIRES_IN };
}
