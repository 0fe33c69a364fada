import { createHash, randomBytes } from 'node:crypto';
import type { Application, User } from './directory.js';
import { issuerOf } from './documents.js';

/** What every access token has; the rest depends on its version and on who asks. */
export interface AccessTokenClaims {
  readonly ver: '1.0' | '2.0';
  readonly [claim: string]: unknown;
}

/** Where a token comes from and what it is for. */
export interface Issuance {
  readonly origin: string;
  readonly tenantId: string;
  readonly client: Application;
  readonly resource: Application;
  /** The App ID URI or client id as the client asked for it; a v2.0 token names the client id whatever was asked. */
  readonly audience: string;
}

/** `expires_in` of every answer. Like Entra, a token is dated five minutes back and lives for an hour from now. */
export const EXPIRES_IN = 3599;

/** An app-only token: `oid` and `sub` are the client's service principal; no `roles` at all where none were granted. */
export function applicationClaims(issuance: Issuance, roles: readonly string[]): AccessTokenClaims {
  const { client, resource } = issuance;
  return {
    ...commonClaims(issuance),
    ...(resource.optionalClaims.includes('idtyp') && { idtyp: 'app' }),
    oid: client.servicePrincipalId,
    sub: client.servicePrincipalId,
    ...(roles.length > 0 && { roles }),
  };
}

/** A user's token: `scp` is what the client may do for the user, `roles` are the user's own; `sub` is pairwise. */
export function userClaims(
  issuance: Issuance,
  user: User,
  scopes: readonly string[],
  userRoles: readonly string[],
): AccessTokenClaims {
  const { resource } = issuance;
  const names =
    resource.accessTokenVersion === 2
      ? { preferred_username: user.userPrincipalName }
      : { acr: '1', amr: ['pwd', 'mfa'], unique_name: user.userPrincipalName, upn: user.userPrincipalName };
  return {
    ...commonClaims(issuance),
    ...names,
    name: user.name,
    oid: user.objectId,
    sub: createHash('sha256').update(`${user.objectId}\n${resource.clientId}`).digest('base64url'),
    scp: scopes.join(' '),
    ...(userRoles.length > 0 && { roles: userRoles }),
  };
}

function commonClaims({ origin, tenantId, client, resource, audience }: Issuance): AccessTokenClaims {
  const issuedAt = Math.floor(Date.now() / 1000) - 300;
  const authenticatedBy = client.secrets.length > 0 ? '1' : '0';
  const shared = {
    iss: issuerOf(origin, tenantId, resource.accessTokenVersion),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + 300 + EXPIRES_IN,
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
  };
  return resource.accessTokenVersion === 2
    ? { ...shared, ver: '2.0', aud: resource.clientId, azp: client.clientId, azpacr: authenticatedBy }
    : { ...shared, ver: '1.0', aud: audience, appid: client.clientId, appidacr: authenticatedBy };
}
