import { createRemoteJWKSet, jwtVerify } from 'jose';
import { bearer, requireScope } from './scope-check.js';

export async function create({ keys, issuer, clientId, scope }) {
  const keySet = createRemoteJWKSet(new URL(keys));
  const options = { issuer, audience: clientId, algorithms: ['RS256'] };
  const verify = async (token) => (await jwtVerify(token, keySet, options)).payload;
  return { verify, middlewares: [bearer(verify), requireScope(scope)] };
}
