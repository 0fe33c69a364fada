import { createHash } from 'node:crypto';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { User } from '../directory/user.js';
import { issuerOf, type Version } from '../documents.js';
import { signToken } from '../keys/sign-token.js';
import { EXPIRES_IN } from './issuance.js';
import type { Issuer } from './issuer.js';
import { identityProvider, pairwiseSubject } from './user-claims.js';

export interface IdTokenRequest {
  readonly user: User;
  readonly client: ServicePrincipal;
  /** Of the endpoint: other than an access token, an ID token is of the version that the client asks in. */
  readonly version: Version;
  /** Of openid, profile and email. */
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  /** What came along in the same answer, bound by its hash. */
  readonly code?: string | undefined;
  readonly accessToken?: string | undefined;
}

/** Tells a client who signed in. It is no access token: an API that takes one for one is wrong. */
export function issueIdToken(issuer: Issuer, request: IdTokenRequest): string {
  const { user, client, version, scopes, nonce, code, accessToken } = request;
  const now = issuer.clock.seconds();
  const isGuest = user.homeTenantId !== undefined;
  const mail = isGuest ? user.mail : user.userPrincipalName;
  const roles = issuer.directory.appRoleAssignments.rolesOf(user.objectId, client) ?? [];
  const profile =
    version === 2 ? { preferred_username: mail } : { unique_name: user.userPrincipalName, upn: user.userPrincipalName };
  return signToken(
    {
      ver: version === 2 ? '2.0' : '1.0',
      iss: issuerOf(issuer.issuerOrigin, user.tenantId, version),
      aud: client.clientId,
      iat: now - 300,
      nbf: now - 300,
      exp: now + EXPIRES_IN,
      tid: user.tenantId,
      sub: pairwiseSubject(user, client.clientId),
      ...((scopes.includes('profile') || version === 1) && { oid: user.objectId, name: user.name, ...profile }),
      ...(scopes.includes('email') && { email: user.mail }),
      ...(user.homeTenantId !== undefined && { idp: identityProvider(issuer.issuerOrigin, user.homeTenantId) }),
      ...(roles.length > 0 && { roles }),
      ...(nonce !== undefined && { nonce }),
      ...(code !== undefined && { c_hash: halfHash(code) }),
      ...(accessToken !== undefined && { at_hash: halfHash(accessToken) }),
    },
    issuer.keys.signing,
  );
}

/** OpenID Connect Core §3.3.2.11. */
function halfHash(value: string): string {
  return createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');
}
