import { expiredSecret, malformedRequest, secretFromPublicClient, wrongSecret } from '../aadsts.js';
import type { Application } from '../directory/application.js';
import type { ClientAuthentication } from '../tokens/issuance.js';
import { checkClientAssertion } from './check-client-assertion.js';
import { knownApplication } from './known-application.js';
import { requiredParameter, type TokenRequest } from './token-request.js';

/** A client that a token endpoint knows, and how it proved itself. Whether `none` is enough is up to the grant type. */
export interface AuthenticatedClient {
  readonly application: Application;
  readonly clientAuthentication: ClientAuthentication;
}

export function authenticateClient(request: TokenRequest): AuthenticatedClient {
  const { form, authorization, entra } = request;
  const basic = basicCredentials(authorization);
  const clientId = basic?.clientId ?? requiredParameter(request, 'client_id');
  const application = knownApplication(entra.directory, clientId, request);
  const assertion = form.get('client_assertion');
  if (assertion) {
    checkClientAssertion(request, application, assertion);
    return { application, clientAuthentication: 'certificate' };
  }
  const secret = basic?.secret ?? form.get('client_secret');
  if (!secret) {
    return { application, clientAuthentication: 'none' };
  }
  checkSecret(application, secret, entra.clock.now());
  return { application, clientAuthentication: 'secret' };
}

function checkSecret(application: Application, secret: string, now: number): void {
  const { clientId, passwordCredentials, keyCredentials, isFallbackPublicClient } = application;
  if (isFallbackPublicClient && passwordCredentials.length === 0 && keyCredentials.length === 0) {
    throw secretFromPublicClient();
  }
  const found = passwordCredentials.find(({ secretText }) => secretText === secret);
  if (!found) {
    throw wrongSecret(clientId);
  }
  if (Date.parse(found.endDateTime) <= now) {
    throw expiredSecret(clientId);
  }
}

/** RFC 6749 §2.3.1: both halves are form-urlencoded before they are joined and base64-encoded. */
function basicCredentials(authorization: string | undefined) {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) {
    return undefined;
  }
  const [clientId, secret, ...rest] = Buffer.from(encoded, 'base64').toString().split(':').map(formDecode);
  if (!clientId || secret === undefined || rest.length > 0) {
    throw malformedRequest();
  }
  return { clientId, secret };
}

function formDecode(value: string): string {
  return decodeURIComponent(value.replaceAll('+', ' '));
}
