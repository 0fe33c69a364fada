import {
  clientNotAssigned,
  malformedRequest,
  malformedScope,
  missingParameter,
  noCredential,
  repeatedParameter,
  scopeNotDefault,
  unknownClient,
  unknownResource,
  unsupportedGrantType,
  wrongSecret,
} from './aadsts.js';
import { type Application, clientById, type Directory, resourceAt, rolesAssigned } from './directory.js';

export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** What a client that asks as itself is given. */
export interface ApplicationGrant {
  readonly client: Application;
  readonly resource: Application;
  /** The resource as the client wrote it. */
  readonly audience: string;
  readonly roles: readonly string[];
}

/** Decides a client credentials request, or throws the `AadstsError` that Entra would answer with. */
export function grantClientCredentials(directory: Directory, { form, authorization }: TokenRequest): ApplicationGrant {
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) {
      throw repeatedParameter(name);
    }
  }
  const grantType = required(form, 'grant_type');
  if (grantType !== 'client_credentials') {
    throw unsupportedGrantType(grantType);
  }
  const client = authenticateClient(directory, form, authorization);
  const { resource, audience } = requestedResource(directory, required(form, 'scope'));
  const roles = rolesAssigned(directory, client, resource);
  if (!roles && resource.assignmentRequired) {
    throw clientNotAssigned(client, resource);
  }
  return { client, resource, audience, roles: roles ?? [] };
}

function authenticateClient(
  directory: Directory,
  form: URLSearchParams,
  authorization: string | undefined,
): Application {
  const basic = basicCredentials(authorization);
  const clientId = basic?.clientId ?? required(form, 'client_id');
  const secret = basic?.secret ?? form.get('client_secret');
  const client = clientById(directory, clientId);
  if (!client) {
    throw unknownClient(clientId, directory.tenantId);
  }
  if (!secret) {
    throw noCredential();
  }
  if (!client.secrets.includes(secret)) {
    throw wrongSecret(client.clientId);
  }
  return client;
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

/** One resource and `/.default`: a client that asks as itself gets all its roles or none. */
function requestedResource(directory: Directory, scope: string): { resource: Application; audience: string } {
  const requested = scope.split(' ').filter((part) => part !== '');
  const notDefault = requested.find((part) => !part.endsWith('/.default'));
  if (notDefault) {
    throw scopeNotDefault(notDefault);
  }
  const audience = requested[0]?.slice(0, -'/.default'.length);
  if (!audience || requested.length > 1) {
    throw malformedScope(scope);
  }
  const resource = resourceAt(directory, audience);
  if (!resource) {
    throw unknownResource(audience, directory.tenantId);
  }
  return { resource, audience };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) {
    throw missingParameter(name);
  }
  return value;
}
