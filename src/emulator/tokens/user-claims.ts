import { createHash } from 'node:crypto';
import { accessTokenVersion } from '../directory/application.js';
import { personalAccounts } from '../directory/tenant.js';
import type { User } from '../directory/user.js';
import { issuerOf } from '../documents.js';
import { type AccessTokenClaims, asks, commonClaims, type Issuance } from './issuance.js';

/** A user's token: `scp` is what the client may do for the user, `roles` are the user's own; `sub` is pairwise. */
export function userClaims(
  issuance: Issuance,
  user: User,
  scopes: readonly string[],
  userRoles: readonly string[],
): AccessTokenClaims {
  const { resource } = issuance;
  const isGuest = user.homeTenantId !== undefined;
  const names =
    accessTokenVersion(resource) === 2
      ? {
          preferred_username: isGuest ? user.mail : user.userPrincipalName,
          ...(asks(resource, 'upn') && { upn: user.userPrincipalName }),
        }
      : { acr: '1', amr: ['pwd', 'mfa'], unique_name: user.userPrincipalName, upn: user.userPrincipalName };
  return {
    ...commonClaims(issuance),
    ...names,
    ...(asks(resource, 'idtyp', 'include_user_token') && { idtyp: 'user' }),
    ...(asks(resource, 'acct') && { acct: isGuest ? 1 : 0 }),
    ...((isGuest || asks(resource, 'email')) && { email: user.mail }),
    ...(user.homeTenantId !== undefined && { idp: identityProvider(issuance.issuerOrigin, user.homeTenantId) }),
    name: user.name,
    oid: user.objectId,
    sub: pairwiseSubject(user, resource.clientId),
    scp: scopes.join(' '),
    ...(userRoles.length > 0 && { roles: userRoles }),
  };
}

/** The same user at another application is somebody else. */
export function pairwiseSubject({ objectId }: User, clientId: string): string {
  return createHash('sha256').update(`${objectId}\n${clientId}`).digest('base64url');
}

/** Who signed a guest in: the home tenant, by its v1.0 issuer whatever the version of the token. */
export function identityProvider(issuerOrigin: string, homeTenantId: string): string {
  return homeTenantId === personalAccounts.tenantId ? 'live.com' : issuerOf(issuerOrigin, homeTenantId, 1);
}
