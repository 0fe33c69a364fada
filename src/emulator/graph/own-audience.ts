import { verify } from 'node:crypto';
import type { RequestHandler } from 'express';
import { MICROSOFT_GRAPH_CLIENT_ID } from '../description/microsoft-graph.js';
import { signToken } from '../keys/sign-token.js';
import type { LocalEntra } from '../local-entra.js';

/**
 * This library refuses every token whose audience is Microsoft Graph: no API of its users has business with one. For the one
 * API that has, a token that this local Entra has signed is signed anew for another audience, and by the machine's clock,
 * which the library reads. Any other token stays as it is, and is refused.
 *
 * @param audience no application can have it, or its tokens would be good here
 */
export function ownAudience(entra: LocalEntra, audience: string): RequestHandler {
  return (req, _res, next) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const claims = token === undefined ? undefined : ownClaims(entra, token);
    if (claims) {
      req.headers.authorization = `Bearer ${signToken({ ...claims, aud: audience }, entra.keys.signing)}`;
    }
    next();
  };
}

function ownClaims({ keys, clock }: LocalEntra, token: string): Record<string, unknown> | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { kid } = decode(header);
  const key = keys.published.find((each) => each.kid === kid);
  const signed = Buffer.from(`${header}.${payload}`);
  if (!key || !verify('sha256', signed, key.publicKey, Buffer.from(signature, 'base64url'))) {
    return undefined;
  }
  const claims = decode(payload);
  if (claims.aud !== MICROSOFT_GRAPH_CLIENT_ID) {
    return undefined;
  }
  const ahead = clock.seconds() - Math.floor(Date.now() / 1000);
  const byMachineClock = (time: unknown) => (typeof time === 'number' ? time - ahead : time);
  return {
    ...claims,
    iat: byMachineClock(claims.iat),
    nbf: byMachineClock(claims.nbf),
    exp: byMachineClock(claims.exp),
  };
}

function decode(segment: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
