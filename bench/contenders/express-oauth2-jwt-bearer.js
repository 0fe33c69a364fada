import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';

export async function create({ keys, issuer, clientId, scope }) {
  const copyScope = (req, _res, next) => {
    req.auth.payload.scope = req.auth.payload.scp;
    next();
  };
  const required = requiredScopes(scope);
  return {
    middlewares: [
      auth({ jwksUri: keys, issuer, audience: clientId, tokenSigningAlg: 'RS256' }),
      (req, res, next) => copyScope(req, res, (error) => (error ? next(error) : required(req, res, next))),
    ],
  };
}
