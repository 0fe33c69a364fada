import { randomUUID } from 'node:crypto';

/** An answer that refuses, in the words and with the status of Entra's token service. */
export class AadstsError extends Error {
  override readonly name = 'AadstsError';
  readonly code: number;
  readonly error: string;
  readonly status: 400 | 401;
  /** What Microsoft's clients look at to tell what a user could still do about it. */
  readonly suberror: 'consent_required' | undefined;

  constructor(code: number, error: string, status: 400 | 401, sentence: string, suberror?: 'consent_required') {
    super(sentence);
    this.code = code;
    this.error = error;
    this.status = status;
    this.suberror = suberror;
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

/** A refusal of what a user was to be represented by: a code, a refresh token, an assertion, a consent. */
const invalidGrant = (code: number, sentence: string) => new AadstsError(code, 'invalid_grant', 400, sentence);

const invalidClient = (code: number, sentence: string) => new AadstsError(code, 'invalid_client', 401, sentence);

const invalidRequest = (code: number, sentence: string) => new AadstsError(code, 'invalid_request', 400, sentence);

type Named = { readonly clientId: string; readonly displayName: string };

export const clientMustProveItself = () =>
  invalidClient(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );

export const assertionMalformed = () => invalidClient(50027, 'JWT token is invalid or malformed.');

export const assertionTypeUnknown = () =>
  invalidRequest(
    900144,
    "The request body must contain the following parameter: 'client_assertion_type', which is 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'.",
  );

export const assertionKeyUnknown = (clientId: string, reason: string) =>
  invalidClient(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application '${clientId}'. [Reason - ${reason}]`,
  );

export const assertionSignatureWrong = () =>
  invalidClient(
    700027,
    'Client assertion contains an invalid signature. [Reason - The key was found, but the signature does not verify with it.]',
  );

export const assertionOfAnotherClient = () =>
  invalidClient(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");

export const assertionAudienceWrong = (expected: string) =>
  invalidClient(
    700023,
    `Client assertion audience claim does not match Realm issuer. The audience is the token endpoint, '${expected}'.`,
  );

export const assertionOutOfTime = () => invalidClient(700024, 'Client assertion is not within its valid time range.');

export const noFederatedIdentity = (part: 'issuer' | 'audience' | 'subject') =>
  invalidClient(
    { issuer: 700211, audience: 700212, subject: 700213 }[part],
    `No matching federated identity record found for presented assertion ${part}. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
  );

export const notMultiTenant = ({ clientId, displayName }: Named) =>
  invalidRequest(
    50194,
    `Application '${clientId}'(${displayName}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant.`,
  );

export const unknownScope = (client: Named, scope: string, resource: Named) =>
  new AadstsError(
    650053,
    'invalid_client',
    400,
    `The application '${client.displayName}' asked for scope '${scope}' that doesn't exist on the resource '${resource.clientId}'(${resource.displayName}). An app role is no scope: an administrator grants it to a client, which then asks as itself.`,
  );

export const nothingToConsentTo = (client: Named, resource: Named) =>
  new AadstsError(
    650057,
    'invalid_client',
    400,
    `Invalid resource. The client '${client.clientId}'(${client.displayName}) asked for what it was granted of '${resource.clientId}'(${resource.displayName}), and was granted nothing. Ask for scopes by name, or grant them in the directory.`,
  );

export const severalResources = (scope: string) =>
  new AadstsError(
    28000,
    'invalid_scope',
    400,
    `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${scope} is not valid.`,
  );

export const notConsented = (client: Named) =>
  new AadstsError(
    65001,
    'invalid_grant',
    400,
    `The user or administrator has not consented to use the application with ID '${client.clientId}' named '${client.displayName}'. Send an interactive authorization request for this user and resource.`,
    'consent_required',
  );

export const consentDeclined = () =>
  new AadstsError(65004, 'access_denied', 400, 'User declined to consent to access the app.');

export const needsAdminConsent = (client: Named) =>
  new AadstsError(
    90094,
    'access_denied',
    400,
    `Admin consent is required for the permissions requested by '${client.clientId}'(${client.displayName}).`,
  );

export const redirectUriUnknown = (client: Named, redirectUri: string) =>
  invalidRequest(
    50011,
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${client.clientId}'. Make sure the redirect URI sent in the request matches one added to your application.`,
  );

export const noRedirectUri = (client: Named) =>
  invalidRequest(500113, `No reply address is registered for the application '${client.clientId}'.`);

export const redirectUriChanged = () =>
  invalidGrant(
    500112,
    'The reply address does not match the reply address provided when requesting Authorization code.',
  );

export const responseTypeUnsupported = (responseType: string) =>
  new AadstsError(
    70005,
    'unsupported_response_type',
    400,
    `'${responseType}' is not a supported value of 'response_type'. Supported are code, id_token, token and their combinations.`,
  );

export const implicitNotEnabled = (part: 'token' | 'id_token', clientId: string) =>
  new AadstsError(
    part === 'token' ? 700051 : 700054,
    'unsupported_response_type',
    400,
    `response_type '${part}' is not enabled for the application '${clientId}'. The implicit flow is off unless implicitGrantSettings of the application enables it; use the authorization code flow with PKCE.`,
  );

export const responseModeUnsupported = (responseMode: string, responseType: string) =>
  new AadstsError(
    70007,
    'unsupported_response_mode',
    400,
    `'${responseMode}' is not a supported value of 'response_mode' when requesting '${responseType}'.`,
  );

export const codeChallengeInvalid = () =>
  invalidRequest(50147, 'Invalid size or method of Code_Challenge parameter: 43 to 128 characters, S256 or plain.');

export const codeChallengeRequired = () =>
  invalidRequest(9002325, 'Proof Key for Code Exchange is required for cross-origin authorization code redemption.');

export const codeVerifierWrong = () =>
  invalidGrant(501481, 'The Code_Verifier does not match the code_challenge supplied in the authorization request.');

export const codeRedeemed = () =>
  invalidGrant(
    54005,
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  );

export const grantUnknown = (what: 'authorization code' | 'refresh token' | 'device code') =>
  invalidGrant(70000, `Provided grant is invalid or malformed. This ${what} was not issued by this local Entra.`);

export const grantOfAnotherClient = (what: 'authorization code' | 'refresh token' | 'device code') =>
  invalidGrant(70000, `Provided grant is invalid or malformed. This ${what} was issued to another client.`);

export const grantOfAnotherTenant = () =>
  invalidGrant(700005, 'Provided Authorization Code is intended to use against other tenant, thus rejected.');

export const codeExpired = () =>
  invalidGrant(
    70008,
    'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  );

export const refreshTokenExpired = (platform: 'spa' | 'other') =>
  platform === 'spa'
    ? invalidGrant(
        700084,
        'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired.',
      )
    : invalidGrant(700082, 'The refresh token has expired due to inactivity.');

export const userDeleted = () => invalidGrant(500341, 'The user account has been deleted from the directory.');

export const crossOriginOnly = () =>
  invalidRequest(
    9002327,
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  );

export const crossOriginForbidden = () =>
  invalidRequest(
    9002326,
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
  );

export const unknownUser = (tenantId: string) =>
  invalidGrant(
    50034,
    `The user account does not exist in the ${tenantId} directory. To sign into this application, the account must be added to the directory.`,
  );

export const signInRequired = () =>
  new AadstsError(
    50058,
    'login_required',
    400,
    "A silent sign-in request was sent but no user is signed in: with 'prompt=none' this local Entra needs a 'login_hint'.",
  );

export const authorizationPending = () =>
  new AadstsError(
    70016,
    'authorization_pending',
    400,
    'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  );

export const authorizationDeclined = () =>
  new AadstsError(70018, 'authorization_declined', 400, 'The user declined to authorize the device.');

export const deviceCodeExpired = () =>
  new AadstsError(
    70020,
    'expired_token',
    400,
    "The provided value for the input parameter 'device_code' is not valid. This code has expired.",
  );

export const assertionNotVerified = () =>
  invalidGrant(
    50013,
    'Assertion failed signature validation. [Reason - The key was not found, or the issuer is another.]',
  );

export const assertionForAnotherAudience = (client: Named) =>
  invalidGrant(
    500131,
    `Assertion audience does not match the Client app presenting the assertion. The expected audience is one of the Application Uris of this application with App ID: '${client.clientId}'(${client.displayName}). The downstream client must request a token for the expected audience, and this application must present it.`,
  );

export const unsupportedTokenUse = () =>
  invalidRequest(9002313, "Invalid request. 'requested_token_use' is 'on_behalf_of'.");

export const assertionExpired = () => invalidGrant(500133, 'Assertion is not within its valid time range.');

export const assertionOfNoUser = (client: Named) =>
  invalidGrant(7000114, `Application '${client.clientId}' is not allowed to make application on-behalf-of calls.`);

/** The body of a refusal, field for field as Entra writes it. */
export function aadstsBody({ code, error, message, suberror }: AadstsError, correlationId: string = randomUUID()) {
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
    ...(suberror !== undefined && { suberror }),
  };
}
