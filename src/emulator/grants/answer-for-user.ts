import { severalResources, userDeleted } from '../aadsts.js';
import { checkAssigned } from '../authorization/check-assigned.js';
import { consentedScopes } from '../authorization/consent.js';
import type { User } from '../directory/user.js';
import { issueIdToken } from '../tokens/issue-id-token.js';
import { issueUserToken } from '../tokens/issue-user-token.js';
import type { AuthenticatedClient } from './authenticate-client.js';
import { knownClient } from './known-client.js';
import { requestedScopes, scopeOf } from './requested-scopes.js';
import type { SignIn } from './sign-in.js';
import { tokenAnswer } from './token-answer.js';
import type { TokenAnswer, TokenRequest } from './token-request.js';

/** What a client gets for a user who signed in, or is represented by an assertion. */
export interface UserGrant {
  readonly authenticated: AuthenticatedClient;
  readonly signIn: SignIn;
  readonly nonce?: string | undefined;
  /** The refresh token that was used. */
  readonly renewed?: string;
}

/**
 * An access token with everything that was consented to for one resource, an ID token for `openid`, a refresh token for
 * `offline_access`. The resource is the one asked for now, and where nothing is asked for, the first of the sign-in.
 */
export function answerForUser(
  request: TokenRequest,
  { authenticated, signIn, nonce, renewed }: UserGrant,
): TokenAnswer {
  const { entra, version, form } = request;
  const { directory, authorizations } = entra;
  const user = signedInUser(request, signIn);
  const { application, clientAuthentication } = authenticated;
  const client = knownClient(directory, application.clientId, user.tenantId);
  checkAssigned(directory, user, client);
  const asked = scopeOf(version, form);
  const scope = asked ?? signIn.scope;
  const { openId, permissions } = requestedScopes(directory, application, user.tenantId, scope);
  if (asked !== undefined && permissions.length > 1) {
    throw severalResources(asked);
  }
  const [{ resource, audience, scopes }] = permissions;
  const granted = consentedScopes(directory, user, client, permissions[0]);
  const identity = openId.filter((each) => each !== 'offline_access');
  const isSignInOnly = scopes !== 'default' && scopes.length === 0;
  const carried = isSignInOnly ? [...new Set([...(identity.length > 0 ? identity : ['openid']), ...granted])] : granted;
  const issued = issueUserToken(entra, { user, client, clientAuthentication, resource, audience, scopes: carried });
  const wantsIdToken = openId.includes('openid');
  return {
    ...tokenAnswer(request, issued, audience),
    scope: version === 1 ? carried.join(' ') : scopeAnswer(audience, carried, isSignInOnly, scopes === 'default'),
    ...(openId.includes('offline_access') && {
      refresh_token: authorizations.refreshTokens.issue({ ...signIn, version, scope }, renewed),
    }),
    ...(wantsIdToken && { id_token: issueIdToken(entra, { user, client, version, scopes: identity, nonce }) }),
    ...(form.get('client_info') === '1' && { client_info: clientInfo(user) }),
  };
}

function signedInUser({ entra }: TokenRequest, { userId }: SignIn): User {
  const user = entra.directory.users.find(userId);
  if (!user) {
    throw userDeleted();
  }
  return user;
}

/** Clients look a token up by what they asked for: `.default` has to be among it. */
function scopeAnswer(audience: string, scopes: readonly string[], isBare: boolean, isDefault: boolean): string {
  const names = isBare ? scopes : scopes.map((scope) => `${audience}/${scope}`);
  return [...names, ...(isDefault ? [`${audience}/.default`] : [])].join(' ');
}

/** By which msal recognizes an account. */
function clientInfo({ objectId, tenantId }: User): string {
  return Buffer.from(JSON.stringify({ uid: objectId, utid: tenantId })).toString('base64url');
}
