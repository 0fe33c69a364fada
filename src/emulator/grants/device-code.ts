import {
  authorizationDeclined,
  authorizationPending,
  clientMustProveItself,
  codeRedeemed,
  deviceCodeExpired,
  grantOfAnotherClient,
  grantUnknown,
} from '../aadsts.js';
import { answerForUser } from './answer-for-user.js';
import { type AuthenticatedClient, authenticateClient } from './authenticate-client.js';
import type { Platform } from './sign-in.js';
import { type GrantType, requiredParameter, type TokenRequest } from './token-request.js';

/** A device asks whether its user has decided yet. */
export const deviceCode: GrantType = (request) => {
  const authenticated = authenticateClient(request);
  const platform = platformOf(authenticated);
  const { deviceCodes } = request.entra.authorizations;
  const name = requiredParameter(request, codeParameter(request));
  const code = deviceCodes.find(name);
  if (!code) {
    throw grantUnknown('device code');
  }
  const { clientId } = authenticated.application;
  if (code.request.application.clientId !== clientId) {
    throw grantOfAnotherClient('device code');
  }
  const { outcome, version } = code;
  if (outcome === 'redeemed') {
    throw codeRedeemed();
  }
  if (outcome === 'declined') {
    throw authorizationDeclined();
  }
  if (deviceCodes.hasExpired(code)) {
    throw deviceCodeExpired();
  }
  if (outcome === 'pending') {
    throw authorizationPending();
  }
  deviceCodes.decide(name, 'redeemed');
  const { tenantId, objectId: userId } = outcome.approvedBy;
  const signIn = { tenantId, userId, clientId, platform, version, scope: code.request.scope };
  return answerForUser(request, { authenticated, signIn });
};

/** There is no redirect URI to tell what kind of client it is: without proof, the application has to say that it is public. */
function platformOf({ application, clientAuthentication }: AuthenticatedClient): Platform {
  if (clientAuthentication !== 'none') {
    return 'web';
  }
  if (!application.isFallbackPublicClient) {
    throw clientMustProveItself();
  }
  return 'publicClient';
}

/** The v1.0 endpoint calls it `code`. */
function codeParameter({ form, version }: TokenRequest): string {
  return version === 1 && form.has('code') ? 'code' : 'device_code';
}
