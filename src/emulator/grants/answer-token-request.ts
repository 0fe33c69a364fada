import { repeatedParameter, unsupportedGrantType } from '../aadsts.js';
import { clientCredentials } from './client-credentials.js';
import { type GrantType, requiredParameter, type TokenAnswer, type TokenRequest } from './token-request.js';

const grantTypes: ReadonlyMap<string, GrantType> = new Map([['client_credentials', clientCredentials]]);

/** Answers a request at a token endpoint by its `grant_type`. */
export function answerTokenRequest(request: TokenRequest): TokenAnswer | Promise<TokenAnswer> {
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
