import { repeatedParameter, unsupportedGrantType } from '../aadsts.js';
import { authorizationCode } from './authorization-code.js';
import { clientCredentials } from './client-credentials.js';
import { deviceCode } from './device-code.js';
import { onBehalfOf } from './on-behalf-of.js';
import { refreshToken } from './refresh-token.js';
import { type GrantType, requiredParameter, type TokenAnswer, type TokenRequest } from './token-request.js';

const grantTypes: ReadonlyMap<string, GrantType> = new Map([
  ['client_credentials', clientCredentials],
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  // RFC 8628 has the second spelling; msal-node sends the first.
  ['device_code', deviceCode],
  ['urn:ietf:params:oauth:grant-type:device_code', deviceCode],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', onBehalfOf],
]);

/** Answers a request at a token endpoint by its `grant_type`. */
export function answerTokenRequest(request: TokenRequest): TokenAnswer {
  for (const name of request.form.keys()) {
    if (request.form.getAll(name).length > 1) {
      throw repeatedParameter(name);
    }
  }
  const name = requiredParameter(request, 'grant_type');
  const answer = grantTypes.get(name);
  if (!answer) {
    throw unsupportedGrantType(name, [...grantTypes.keys()]);
  }
  return answer(request);
}
