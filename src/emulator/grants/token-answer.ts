import type { IssuedToken } from '../tokens/issue-application-token.js';
import type { TokenAnswer, TokenRequest } from './token-request.js';

/** An answer as the version of the endpoint writes it. */
export function tokenAnswer(
  { version, entra }: Pick<TokenRequest, 'version' | 'entra'>,
  { accessToken, expiresIn }: IssuedToken,
  audience: string,
): TokenAnswer {
  if (version === 2) {
    return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: accessToken };
  }
  const now = entra.clock.seconds();
  return {
    token_type: 'Bearer',
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    expires_on: String(now + expiresIn),
    not_before: String(now - 300),
    resource: audience,
    access_token: accessToken,
  };
}
