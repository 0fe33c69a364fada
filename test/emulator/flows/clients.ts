import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';
import type { Emulator } from 'express-app-roles/emulator';
import { allowInsecureRequests, type ClientAuth, type Configuration, discovery } from 'openid-client';

type Auth = ConstructorParameters<typeof ConfidentialClientApplication>[0]['auth'];

/** What msal-node has to be told to find a local Entra over http: its discovery document, in place of the real authority's. */
async function authority({ httpOrigin, tenantId }: Emulator, tenant = tenantId) {
  const document = await fetch(`${httpOrigin}/${tenant}/v2.0/.well-known/openid-configuration`);
  return { authority: `https://login.microsoftonline.com/${tenant}`, authorityMetadata: await document.text() };
}

export async function confidential(entra: Emulator, auth: Auth, tenant?: string) {
  return new ConfidentialClientApplication({ auth: { ...auth, ...(await authority(entra, tenant)) } });
}

export async function publicClient(entra: Emulator, clientId: string, tenant?: string) {
  return new PublicClientApplication({ auth: { clientId, ...(await authority(entra, tenant)) } });
}

/** What leads @azure/identity to a local Entra over http, whatever the credential. */
export function overHttp({ httpOrigin }: Emulator) {
  const policy = {
    name: 'local-entra',
    sendRequest(
      request: { url: string; allowInsecureConnection?: boolean; agent?: unknown },
      next: (request: never) => Promise<never>,
    ) {
      request.url = request.url.replace('https://login.microsoftonline.com', httpOrigin);
      request.allowInsecureConnection = true;
      request.agent = undefined;
      return next(request as never);
    },
  };
  return {
    additionalPolicies: [{ position: 'perCall' as const, policy }],
    retryOptions: { maxRetries: 0 },
  };
}

export function openIdClient(
  { httpOrigin, tenantId }: Emulator,
  clientId: string,
  clientAuth?: string | ClientAuth,
): Promise<Configuration> {
  const issuer = new URL(`${httpOrigin}/${tenantId}/v2.0`);
  const options = { execute: [allowInsecureRequests] };
  return typeof clientAuth === 'function'
    ? discovery(issuer, clientId, undefined, clientAuth, options)
    : discovery(issuer, clientId, clientAuth, undefined, options);
}

export interface Answer {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly error: string;
  readonly suberror: string;
  readonly error_codes: readonly number[];
  readonly error_description: string;
  readonly [field: string]: unknown;
}

/** Asks a token endpoint as curl would. */
export async function ask(
  { httpOrigin, tenantId }: Emulator,
  form: Readonly<Record<string, string>>,
  { path = 'oauth2/v2.0/token', tenant = tenantId, headers = {} } = {},
) {
  const response = await fetch(`${httpOrigin}/${tenant}/${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
  });
  return { status: response.status, body: (await response.json()) as Answer };
}
