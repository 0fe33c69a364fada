import type { IncomingMessage } from 'node:http';
import { Refusal } from '../errors/index.js';
import { credentialReader, maxCredentialLength } from '../token/index.js';

/**
 * Where a strategy reads the token: in `Authorization`, or in the header that a gateway passes it in; and, where that was asked
 * for, in the form of a POST (RFC 6750 section 2.2). A token in the query is never read.
 */
export function tokenReader(
  tokenHeader: string | undefined,
  accessTokenInForm: boolean,
): (req: IncomingMessage) => string | undefined {
  const readHeader = credentialReader(tokenHeader);
  if (!accessTokenInForm) return readHeader;
  return (req) => {
    const [inHeader, inForm] = [readHeader(req), readForm(req)];
    if (inHeader !== undefined && inForm !== undefined) throw new Refusal('several_credentials');
    return inHeader ?? inForm;
  };
}

function readForm(req: IncomingMessage & { body?: unknown }): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded(?:;|$)/i.test(req.headers['content-type'] ?? '');
  if (req.method !== 'POST' || !isForm || typeof req.body !== 'object' || req.body === null) return undefined;
  const { access_token: token } = req.body as { access_token?: unknown };
  if (token === undefined || token === '') return undefined;
  if (typeof token !== 'string') throw new Refusal('malformed_credential');
  if (token.length > maxCredentialLength) throw new Refusal('oversized_credential');
  return token;
}
