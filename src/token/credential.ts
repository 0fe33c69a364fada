import type { IncomingMessage } from 'node:http';
import { Refusal } from '../errors/index.js';

/** Longest bearer token that is looked at, in characters. Entra's tokens with 200 groups stay under 16,000. */
export const maxCredentialLength = 32_768;

/** `Bearer` as a whole auth-scheme, in any case (RFC 9110 section 11.1): the next character cannot belong to a scheme name. */
const bearerScheme = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i;
/** RFC 6750 section 2.1: one or more blanks, then one b64token. */
const bearerCredential = /^.{6} +([A-Za-z0-9\-._~+/]+=*)$/;

/**
 * The bearer token of a request's `Authorization` header, or undefined where there is no bearer credential (no header, or
 * another scheme). Query string and body are never looked at (RFC 6750 sections 2.2, 2.3 and 5.3).
 *
 * @throws Refusal `repeated_credential`, `malformed_credential` or `oversized_credential`: all 400.
 */
export function readCredential(req: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const values = authorizationHeaders(req);
  const value = values[0];
  if (value === undefined || !values.some((each) => bearerScheme.test(each))) return undefined;
  if (values.length > 1) throw new Refusal('repeated_credential');
  const token = bearerCredential.exec(value)?.[1];
  if (token === undefined) throw new Refusal('malformed_credential');
  if (token.length > maxCredentialLength) throw new Refusal('oversized_credential');
  return token;
}

/** All of them: `req.headers` shows only the first. */
function authorizationHeaders({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string[] {
  if (headers.authorization === undefined) return [];
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') values.push(rawHeaders[i + 1] ?? '');
  }
  return values.length > 0 ? values : [headers.authorization];
}
