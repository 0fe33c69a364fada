import { clientId, issuer, scope, tenantId } from './names.js';

/**
 * What every contender is set up with: one issuer, one audience, RS256, and where the keys are. The names are Entra's own and
 * only the connection goes to loopback, so that all run with NODE_ENV=production (a `testAuthority` would forbid it).
 */
export async function entraAt(origin) {
  const keys = `${origin}/${tenantId}/discovery/v2.0/keys`;
  const response = await fetch(keys);
  const [jwk] = (await response.json()).keys;
  return {
    origin,
    tenantId,
    clientId,
    issuer,
    scope,
    /** For those that fetch no keys themselves. */
    jwk,
    metadata: `${issuer}/.well-known/openid-configuration`,
    keys,
  };
}

/** The loopback address of one of Entra's. */
export function toLoopback(origin, address) {
  return String(address).replace('https://login.microsoftonline.com', origin);
}
