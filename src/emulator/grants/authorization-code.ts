import { createHash } from 'node:crypto';
import {
  codeExpired,
  codeRedeemed,
  codeVerifierWrong,
  grantUnknown,
  missingParameter,
  redirectUriChanged,
} from '../aadsts.js';
import { answerForUser } from './answer-for-user.js';
import { authenticateClient } from './authenticate-client.js';
import type { CodeChallenge } from './authorization-codes.js';
import { checkPlatform } from './check-platform.js';
import { checkSignIn } from './check-sign-in.js';
import { type GrantType, requiredParameter } from './token-request.js';

/** Redeems a code, once. A wrong verifier or redirect URI does not use it up. */
export const authorizationCode: GrantType = (request) => {
  const authenticated = authenticateClient(request);
  const { codes } = request.entra.authorizations;
  const name = requiredParameter(request, 'code');
  const found = codes.find(name);
  if (!found) {
    throw grantUnknown('authorization code');
  }
  const { code, state } = found;
  checkSignIn('authorization code', request, authenticated, code);
  if (state !== 'good') {
    throw state === 'redeemed' ? codeRedeemed() : codeExpired();
  }
  if (requiredParameter(request, 'redirect_uri') !== code.redirectUri) {
    throw redirectUriChanged();
  }
  checkVerifier(code.codeChallenge, request.form.get('code_verifier'));
  checkPlatform(request, authenticated, code.platform);
  codes.redeem(name);
  const { redirectUri: _, codeChallenge: __, nonce, ...signIn } = code;
  return answerForUser(request, { authenticated, signIn, nonce });
};

/** RFC 7636 §4.6. A verifier without a challenge is refused as well: someone may have taken the challenge out of the request. */
function checkVerifier(challenge: CodeChallenge | undefined, verifier: string | null): void {
  if (challenge && !verifier) {
    throw missingParameter('code_verifier');
  }
  if (!verifier) {
    return;
  }
  const value = challenge?.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  if (value !== challenge?.value) {
    throw codeVerifierWrong();
  }
}
