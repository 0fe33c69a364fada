import { grantUnknown, refreshTokenExpired } from '../aadsts.js';
import { answerForUser } from './answer-for-user.js';
import { authenticateClient } from './authenticate-client.js';
import { checkPlatform } from './check-platform.js';
import { checkSignIn } from './check-sign-in.js';
import { type GrantType, requiredParameter } from './token-request.js';

/** Redeems a refresh token for any resource that the user consented to, as often as the client likes. */
export const refreshToken: GrantType = (request) => {
  const authenticated = authenticateClient(request);
  const name = requiredParameter(request, 'refresh_token');
  const found = request.entra.authorizations.refreshTokens.find(name);
  if (!found) {
    throw grantUnknown('refresh token');
  }
  const { signIn, expired } = found;
  checkSignIn('refresh token', request, authenticated, signIn);
  if (expired) {
    throw refreshTokenExpired(signIn.platform === 'spa' ? 'spa' : 'other');
  }
  checkPlatform(request, authenticated, signIn.platform);
  return answerForUser(request, { authenticated, signIn, renewed: name });
};
