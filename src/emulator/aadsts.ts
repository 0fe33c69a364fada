import { randomUUID } from 'node:crypto';

/** An answer that refuses, in the words and with the status of Entra's token service. */
export class AadstsError extends Error {
  override readonly name = 'AadstsError';
  readonly code: number;
  readonly error: string;
  readonly status: 400 | 401;

  constructor(code: number, error: string, status: 400 | 401, sentence: string) {
    super(sentence);
    this.code = code;
    this.error = error;
    this.status = status;
  }
}

export const unknownTenant = (tenant: string, error: 'invalid_tenant' | 'invalid_request') =>
  new AadstsError(
    90002,
    error,
    400,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  );

export const missingParameter = (parameter: string) =>
  new AadstsError(
    900144,
    'invalid_request',
    400,
    `The request body must contain the following parameter: '${parameter}'.`,
  );

export const repeatedParameter = (parameter: string) =>
  new AadstsError(
    9000411,
    'invalid_request',
    400,
    `The request is not properly formatted. The parameter '${parameter}' is duplicated.`,
  );

export const malformedRequest = () =>
  new AadstsError(9002313, 'invalid_request', 400, 'Invalid request. Request is malformed or invalid.');

export const unsupportedGrantType = (grantType: string, known: readonly string[]) =>
  new AadstsError(
    70003,
    'unsupported_grant_type',
    400,
    `The app requested an unsupported grant type '${grantType}'. This local Entra knows ${known.join(', ')}.`,
  );

export const unknownClient = (clientId: string, tenantId: string) =>
  new AadstsError(
    700016,
    'unauthorized_client',
    400,
    `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );

export const noCredential = () =>
  new AadstsError(
    7000216,
    'invalid_client',
    401,
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  );

export const wrongSecret = (clientId: string) =>
  new AadstsError(
    7000215,
    'invalid_client',
    401,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  );

export const expiredSecret = (clientId: string) =>
  new AadstsError(7000222, 'invalid_client', 401, `The provided client secret keys for app '${clientId}' are expired.`);

export const secretFromPublicClient = () =>
  new AadstsError(
    700025,
    'invalid_client',
    401,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  );

export const scopeNotDefault = (scope: string) =>
  new AadstsError(
    1002012,
    'invalid_scope',
    400,
    `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  );

export const malformedScope = (scope: string) =>
  new AadstsError(
    70011,
    'invalid_scope',
    400,
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  );

export const unknownResource = (resource: string, tenantId: string) =>
  new AadstsError(
    500011,
    'invalid_resource',
    400,
    `The resource principal named ${resource} was not found in the tenant named ${tenantId}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  );

export const clientNotAssigned = (
  client: { clientId: string; displayName: string },
  resource: { clientId: string; displayName: string },
) =>
  new AadstsError(
    501051,
    'invalid_grant',
    400,
    `Application '${client.clientId}'(${client.displayName}) is not assigned to a role for the application '${resource.clientId}'(${resource.displayName}).`,
  );

export const userNotAssigned = (resource: { clientId: string; displayName: string }) =>
  new AadstsError(
    50105,
    'invalid_grant',
    400,
    `Your administrator has configured the application ${resource.displayName} ('${resource.clientId}') to block users unless they are specifically granted ('assigned') access to the application.`,
  );

/** The body of a refusal, field for field as Entra writes it. */
export function aadstsBody({ code, error, message }: AadstsError, correlationId: string = randomUUID()) {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const traceId = randomUUID();
  return {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  };
}
