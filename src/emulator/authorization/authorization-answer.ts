import type { User } from '../directory/user.js';
import { knownClient } from '../grants/known-client.js';
import { requestedScopes } from '../grants/requested-scopes.js';
import type { LocalEntra } from '../local-entra.js';
import { EXPIRES_IN } from '../tokens/issuance.js';
import { issueIdToken } from '../tokens/issue-id-token.js';
import { issueUserToken } from '../tokens/issue-user-token.js';
import type { AuthorizationRequest } from './authorization-request.js';
import { consentedScopes } from './consent.js';
import type { ReplyAddress } from './reply-address.js';

/** What the application gets at its reply address once a user has signed in and agreed. */
export function authorizationAnswer(
  entra: LocalEntra,
  request: AuthorizationRequest,
  { platform, redirectUri }: ReplyAddress,
  user: User,
): Readonly<Record<string, string>> {
  const { application, version, scope, nonce, codeChallenge, responseTypes } = request;
  const { clientId } = application;
  const code = responseTypes.has('code')
    ? entra.authorizations.codes.issue({
        tenantId: user.tenantId,
        userId: user.objectId,
        clientId,
        platform,
        version,
        scope,
        redirectUri,
        codeChallenge,
        nonce,
      })
    : undefined;
  const token = responseTypes.has('token') ? implicitToken(entra, request, user) : undefined;
  const client = knownClient(entra.directory, clientId, user.tenantId);
  const scopes = scope.split(' ');
  return {
    ...(code !== undefined && { code }),
    ...token,
    ...(responseTypes.has('id_token') && {
      id_token: issueIdToken(entra, { user, client, version, scopes, nonce, code, accessToken: token?.access_token }),
    }),
  };
}

function implicitToken(entra: LocalEntra, { application, scope }: AuthorizationRequest, user: User) {
  const { directory } = entra;
  const client = knownClient(directory, application.clientId, user.tenantId);
  const [permissions] = requestedScopes(directory, application, user.tenantId, scope).permissions;
  const { resource, audience } = permissions;
  const granted = consentedScopes(directory, user, client, permissions);
  const scopes = granted.length > 0 ? granted : ['openid'];
  const { accessToken } = issueUserToken(entra, {
    user,
    client,
    clientAuthentication: 'none',
    resource,
    audience,
    scopes,
  });
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: String(EXPIRES_IN),
    scope: scopes.map((each) => `${audience}/${each}`).join(' '),
  };
}
