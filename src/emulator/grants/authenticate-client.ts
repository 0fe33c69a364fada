import { expiredSecret, malformedRequest, secretFromPublicClient, unknownClient, wrongSecret } from '../aadsts.js';
import type { Application } from '../directory/application.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { ClientAuthentication } from '../tokens/issuance.js';
import { requiredParameter, type TokenRequest } from './token-request.js';

/** A client that a token endpoint knows, and how it proved itself. Whether `none` is enough is up to the grant type. */
export interface AuthenticatedClient {
  readonly client: ServicePrincipal;
  readonly application: Application;
  readonly clientAuthentication: ClientAuthentication;
}

export function authenticateClient(request: TokenRequest): AuthenticatedClient {
  const { form, authorization } = request;
  const basic = basicCredentials(authorization);
  const clientId = basic?.clientId ?? requiredParameter(request, 'client_id');
  const secret = basic?.secret ?? form.get('client_secret');
  const { client, application } = knownClient(request, clientId);
  if (!secret) {
    return { client, application, clientAuthentication: 'none' };
  }
  checkSecret(application, secret, request.entra.clock.now());
  return { client, application, clientAuthentication: 'secret' };
}

/** Managed identities have no application: they do not ask here. */
function knownClient({ entra, tenantId }: TokenRequest, clientId: string) {
  const client = entra.directory.servicePrincipals.ofClient(clientId, tenantId);
  const application = entra.directory.applications.find(clientId);
  if (!client || !application || application.clientId !== client.clientId) {
    throw unknownClient(clientId, tenantId);
  }
  return { client, application };
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
