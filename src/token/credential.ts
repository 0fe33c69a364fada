import type { IncomingMessage } from 'node:http';
import { ConfigurationError, Refusal } from '../errors/index.js';

/** Longest bearer token that is looked at, in characters. Entra's tokens with 200 groups stay under 16,000. */
export const maxCredentialLength = 32_768;

/** `Bearer` as a whole auth-scheme, in any case (RFC 9110 section 11.1): the next character cannot belong to a scheme name. */
const bearerScheme = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i;
/** RFC 9110 section 5.1. */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Headers of other credentials, and those in which App Service names a person or passes what is no access token for an API. */
const otherwiseUsed = /^(cookie|proxy-authorization|x-zumo-auth|x-ms-client-.*|x-ms-token-(?!aad-access-token$).*)$/;
/** RFC 6750 section 2.1. */
const b64token = /^[A-Za-z0-9\-._~+/]+=*$/;

type Headers = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/**
 * Where the token of each request is read: in `Authorization`, or only in the header that a gateway passes it in.
 *
 * @throws ConfigurationError where that is not the name of a header, or is one that holds something else
 */
export function credentialReader(tokenHeader: string | undefined): (req: Headers) => string | undefined {
  if (tokenHeader === undefined) return readCredential;
  if (typeof tokenHeader !== 'string' || !fieldName.test(tokenHeader)) {
    throw new ConfigurationError(
      "authenticate: tokenHeader must be the name of one header, as 'X-Forwarded-Access-Token'.",
    );
  }
  const name = tokenHeader.toLowerCase();
  if (name === 'authorization') {
    throw new ConfigurationError('authenticate: leave tokenHeader out, then the token is read from Authorization.');
  }
  if (otherwiseUsed.test(name)) {
    throw new ConfigurationError(
      `authenticate: tokenHeader cannot be ${name}, which holds no access token for this API. Have the gateway pass the token in a header of its own, as 'X-Forwarded-Access-Token'.`,
    );
  }
  return (req) => readForwarded(req, name);
}

/** The token, with or without `Bearer` before it. An empty header is none: a gateway may send one for an anonymous request. */
function readForwarded(req: Headers, name: string): string | undefined {
  const value = req.headers[name];
  if (value === undefined) return undefined;
  if (isRepeated(req.rawHeaders, name)) throw new Refusal('repeated_credential', { detail: `In ${name}.` });
  const text = String(value);
  if (text === '') return undefined;
  return bearerScheme.test(text) ? tokenAfterScheme(text) : notOversized(text);
}

/**
 * The bearer token of a request's `Authorization` header, or undefined where there is no bearer credential (no header, or
 * another scheme). Query string and body are never looked at (RFC 6750 sections 2.2, 2.3 and 5.3). The characters of the token
 * are not looked at yet: see `isWellFormed`.
 *
 * @throws Refusal `repeated_credential`, `malformed_credential` or `oversized_credential`: all 400.
 */
function readCredential(req: Headers): string | undefined {
  const value = req.headers.authorization;
  if (value === undefined) return undefined;
  const isBearer = hasBearerScheme(value);
  if (isRepeated(req.rawHeaders, 'authorization')) {
    const isOneBearer = isBearer || headerValues(req.rawHeaders, 'authorization').some(hasBearerScheme);
    if (isOneBearer) throw new Refusal('repeated_credential');
  }
  return isBearer ? tokenAfterScheme(value) : undefined;
}

function hasBearerScheme(value: string): boolean {
  return value.startsWith('Bearer ') || bearerScheme.test(value);
}

function tokenAfterScheme(value: string): string {
  let start = 'Bearer'.length;
  while (value.charCodeAt(start) === 0x20) start++;
  if (start === 'Bearer'.length || start === value.length) throw new Refusal('malformed_credential');
  return notOversized(value.slice(start));
}

function notOversized(token: string): string {
  if (token.length > maxCredentialLength) throw new Refusal('oversized_credential');
  return token;
}

/** Whether a token has only the characters that a bearer token can have: if not, it is the credential that is malformed (400). */
export function isWellFormed(token: string): boolean {
  return b64token.test(token);
}

/** Whether there are several of one name, in lower case: `req.headers` shows only the first of some, and joins others. */
function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (isNamed(rawHeaders[i], name)) count++;
  return count > 1;
}

function headerValues(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && isNamed(rawHeaders[index - 1], name));
}

function isNamed(header: string | undefined, name: string): boolean {
  return header?.length === name.length && header.toLowerCase() === name;
}
