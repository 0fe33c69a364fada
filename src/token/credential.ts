import type { IncomingMessage } from 'node:http';
import { Refusal } from '../errors/index.js';

/** Longest bearer token that is looked at, in characters. Entra's tokens with 200 groups stay under 16,000. */
export const maxCredentialLength = 32_768;

/** `Bearer` as a whole auth-scheme, in any case (RFC 9110 section 11.1): the next character cannot belong to a scheme name. */
const bearerScheme = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i;
/** RFC 6750 section 2.1. */
const b64token = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The bearer token of a request's `Authorization` header, or undefined where there is no bearer credential (no header, or
 * another scheme). Query string and body are never looked at (RFC 6750 sections 2.2, 2.3 and 5.3). The characters of the token
 * are not looked at yet: see `isWellFormed`.
 *
 * @throws Refusal `repeated_credential`, `malformed_credential` or `oversized_credential`: all 400.
 */
export function readCredential(req: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const value = req.headers.authorization;
  if (value === undefined) return undefined;
  const values = authorizationHeaders(req.rawHeaders);
  if (!bearerScheme.test(value) && !values.some((each) => bearerScheme.test(each))) return undefined;
  if (values.length > 1) throw new Refusal('repeated_credential');
  let start = 'Bearer'.length;
  while (value.charCodeAt(start) === 0x20) start++;
  const token = value.slice(start);
  if (start === 'Bearer'.length || token === '') throw new Refusal('malformed_credential');
  if (token.length > maxCredentialLength) throw new Refusal('oversized_credential');
  return token;
}

/** Whether a token has only the characters that a bearer token can have: if not, it is the credential that is malformed (400). */
export function isWellFormed(token: string): boolean {
  return b64token.test(token);
}

/** All of them: `req.headers` shows only the first. */
function authorizationHeaders(rawHeaders: readonly string[]): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
