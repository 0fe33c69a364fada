import {
  assertionExpired,
  assertionForAnotherAudience,
  assertionMalformed,
  assertionNotVerified,
  assertionOfNoUser,
  clientMustProveItself,
  unsupportedTokenUse,
} from '../aadsts.js';
import type { Application } from '../directory/application.js';
import { issuerOf } from '../documents.js';
import { answerForUser } from './answer-for-user.js';
import { type Assertion, isInTime, isSignedWith, parseAssertion } from './assertion.js';
import { authenticateClient } from './authenticate-client.js';
import { scopeOf } from './requested-scopes.js';
import { type GrantType, requiredParameter, type TokenRequest } from './token-request.js';

/** An API exchanges a user's token for one for another API. What the user never consented to, it does not get. */
export const onBehalfOf: GrantType = (request) => {
  const authenticated = authenticateClient(request);
  if (authenticated.clientAuthentication === 'none') {
    throw clientMustProveItself();
  }
  if (requiredParameter(request, 'requested_token_use') !== 'on_behalf_of') {
    throw unsupportedTokenUse();
  }
  const { application } = authenticated;
  const { tid, oid } = verified(request, application, requiredParameter(request, 'assertion'));
  const scope = scopeOf(request.version, request.form) ?? requiredParameter(request, 'scope');
  return answerForUser(request, {
    authenticated,
    signIn: {
      tenantId: String(tid),
      userId: String(oid),
      clientId: application.clientId,
      platform: 'web',
      version: request.version,
      scope,
    },
  });
};

/** A user's access token of this local Entra, for the API that presents it. */
function verified(request: TokenRequest, application: Application, assertion: string): Assertion['claims'] {
  const claims = signedHere(request, assertion);
  const { tid, oid, sub, idtyp, scp } = claims;
  const tenants = [1, 2].map((version) => issuerOf(request.entra.issuerOrigin, String(tid), version as 1 | 2));
  if (!tenants.includes(String(claims.iss)) || (request.tenantId !== undefined && tid !== request.tenantId)) {
    throw assertionNotVerified();
  }
  const names = [application.clientId, ...application.identifierUris.flatMap((uri) => [uri, `${uri}/`])];
  if (![claims.aud].flat().some((each) => typeof each === 'string' && names.includes(each))) {
    throw assertionForAnotherAudience(application);
  }
  if (typeof scp !== 'string') {
    throw idtyp === 'app' || oid === sub ? assertionOfNoUser(application) : assertionMalformed();
  }
  return claims;
}

function signedHere({ entra }: TokenRequest, text: string): Assertion['claims'] {
  const assertion = parseAssertion(text);
  const key = entra.keys.published.find(({ kid }) => kid === assertion?.header.kid);
  if (!assertion || !key || !isSignedWith(assertion, key.publicKey, ['RS256'])) {
    throw assertionNotVerified();
  }
  if (!isInTime(assertion, entra.clock.now())) {
    throw assertionExpired();
  }
  return assertion.claims;
}
