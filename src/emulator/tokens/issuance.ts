import { type Application, accessTokenVersion } from '../directory/application.js';
import { issuerOf } from '../documents.js';

/** How the client proved itself, as `appidacr` and `azpacr` tell it: '0', '1' and '2'. Managed and federated identities count as certificates. */
export type ClientAuthentication = 'none' | 'secret' | 'certificate';

const authenticationContext = { none: '0', secret: '1', certificate: '2' } as const;

/** Where a token comes from and what it is for. */
export interface Issuance {
  readonly issuerOrigin: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly resource: Application;
  /** The App ID URI or client id as the client asked for it; a v2.0 token names the client id whatever was asked. */
  readonly audience: string;
  /** Unix seconds. Like Entra, a token is dated five minutes back. */
  readonly now: number;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** `uti`. */
  readonly tokenId: string;
}

/** What every access token has; the rest depends on its version and on who asks. */
export interface AccessTokenClaims {
  readonly ver: '1.0' | '2.0';
  readonly uti: string;
  readonly [claim: string]: unknown;
}

/** `expires_in` of ordinary tokens. */
export const EXPIRES_IN = 3599;

export function commonClaims(issuance: Issuance): AccessTokenClaims {
  const { issuerOrigin, tenantId, clientId, clientAuthentication, resource, audience, now } = issuance;
  const version = accessTokenVersion(resource);
  const shared = {
    iss: issuerOf(issuerOrigin, tenantId, version),
    iat: now - 300,
    nbf: now - 300,
    exp: now + issuance.expiresIn,
    tid: tenantId,
    uti: issuance.tokenId,
  };
  const acr = authenticationContext[clientAuthentication];
  if (version === 2) {
    return { ...shared, ver: '2.0', aud: resource.clientId, azp: clientId, azpacr: acr };
  }
  const aud = asks(resource, 'aud', 'use_guid') ? resource.clientId : audience;
  return { ...shared, ver: '1.0', aud, appid: clientId, appidacr: acr };
}

/** Whether a resource asks for an optional claim in its access tokens, and with a certain property. */
export function asks(resource: Application, name: string, additionalProperty?: string): boolean {
  return resource.optionalClaims.some(
    (claim) =>
      claim.name === name &&
      (additionalProperty === undefined || claim.additionalProperties.includes(additionalProperty)),
  );
}
