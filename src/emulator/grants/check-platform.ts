import { clientMustProveItself, crossOriginForbidden, crossOriginOnly, secretFromPublicClient } from '../aadsts.js';
import type { AuthenticatedClient } from './authenticate-client.js';
import type { Platform } from './sign-in.js';
import type { TokenRequest } from './token-request.js';

/** Throws where the kind of client and the way in which it asks do not go together: who can keep a secret has to show one, and nobody else may have one. */
export function checkPlatform(
  { pageOrigin }: TokenRequest,
  { clientAuthentication }: AuthenticatedClient,
  platform: Platform,
): void {
  if (platform === 'spa' && pageOrigin === undefined) {
    throw crossOriginOnly();
  }
  if (platform !== 'spa' && pageOrigin !== undefined) {
    throw crossOriginForbidden();
  }
  const hasProof = clientAuthentication !== 'none';
  if (platform === 'web' && !hasProof) {
    throw clientMustProveItself();
  }
  if (platform !== 'web' && hasProof) {
    throw secretFromPublicClient();
  }
}
