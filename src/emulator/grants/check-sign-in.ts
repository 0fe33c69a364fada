import { grantOfAnotherClient, grantOfAnotherTenant } from '../aadsts.js';
import type { AuthenticatedClient } from './authenticate-client.js';
import type { SignIn } from './sign-in.js';
import type { TokenRequest } from './token-request.js';

/** Throws where a code or refresh token is presented by another client, or in another tenant, than it was issued for. */
export function checkSignIn(
  what: 'authorization code' | 'refresh token',
  { tenantId }: TokenRequest,
  { application }: AuthenticatedClient,
  signIn: SignIn,
): void {
  if (signIn.clientId !== application.clientId) {
    throw grantOfAnotherClient(what);
  }
  if (tenantId !== undefined && tenantId !== signIn.tenantId) {
    throw grantOfAnotherTenant();
  }
}
