import type { Application } from '../directory/application.js';
import type { ClientAuthentication } from './issuance.js';

/** How a client would prove itself, for tokens that are signed without asking it; a managed identity has no application. */
export function clientAuthenticationOf(application: Application | undefined): ClientAuthentication {
  if (!application || application.keyCredentials.length > 0 || application.federatedIdentityCredentials.length > 0) {
    return 'certificate';
  }
  return application.passwordCredentials.length > 0 ? 'secret' : 'none';
}
