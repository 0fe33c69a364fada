import { expressjwt } from 'express-jwt';
import jwksRsa from 'jwks-rsa';
import { requireScope } from './scope-check.js';

export async function create({ keys, issuer, clientId, scope }) {
  const secret = jwksRsa.expressJwtSecret({ jwksUri: keys, cache: true });
  const middleware = expressjwt({ secret, audience: clientId, issuer, algorithms: ['RS256'] });
  return { middlewares: [middleware, requireScope(scope)] };
}
