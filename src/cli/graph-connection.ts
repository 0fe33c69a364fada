import type { TokenCredential } from '@azure/identity';
import { connectGraph, DEFAULT_GRAPH, type GraphClient, isLocalGraph } from '../registration/index.js';
import { asUsageError } from './as-usage-error.js';
import { readGuid } from './read-guid.js';
import { UsageError, type VerbArguments, type VerbOption } from './verb.js';

/** The options of every verb that asks Microsoft Graph. */
export const graphOptions = {
  graph: {
    value: 'URL',
    summary: `Microsoft Graph. Default ${DEFAULT_GRAPH}; a local Entra's is http://127.0.0.1:8990/v1.0`,
  },
  tenant: { value: 'ID', summary: 'the tenant to sign in to. Default: that of the environment or of az login' },
  'sign-in-as': { value: 'CLIENT-ID', summary: 'the client to be to a local Entra; goes with --secret-variable' },
  'secret-variable': { value: 'NAME', summary: "the environment variable that holds that client's secret" },
} as const satisfies Record<string, VerbOption>;

/** How the help of every such verb says who one is to Microsoft Graph. */
export const graphDetails = `
Who signs in is found by DefaultAzureCredential of @azure/identity, which has to be installed: a client by AZURE_TENANT_ID,
AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or a federated token, a managed identity, or whoever did az login. To a local Entra
(express-app-roles emulator) it is the client of --sign-in-as, by --tenant and --secret-variable.`;

export interface GraphConnection {
  readonly graph: GraphClient;
  /** Tenant and identity, as the access token has them. For show: nothing is decided by it. */
  readonly signedIn: SignedIn;
}

export interface SignedIn {
  readonly tenantId: string;
  readonly kind: 'user' | 'client';
  /** The object id of the user or of the client's service principal. */
  readonly objectId: string;
  /** What a person knows the user or client by. */
  readonly name: string | undefined;
}

/** Signs in, and connects to Microsoft Graph. */
export async function connect({ options }: VerbArguments): Promise<GraphConnection> {
  const baseUrl = String(options.graph ?? DEFAULT_GRAPH);
  const getToken = isLocalGraph(baseUrl) ? localToken(baseUrl, options) : azureToken(baseUrl, options);
  const graph = asUsageError(() => connectGraph({ baseUrl, getToken }));
  return { graph, signedIn: describeToken(await getToken()) };
}

function azureToken(baseUrl: string, options: VerbArguments['options']): () => Promise<string> {
  if (options['sign-in-as'] !== undefined || options['secret-variable'] !== undefined) {
    throw new UsageError(
      '--sign-in-as and --secret-variable are for a local Entra: for Microsoft Graph set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or az login.',
    );
  }
  const tenant = options.tenant === undefined ? {} : { tenantId: readGuid('--tenant', options.tenant) };
  let credential: TokenCredential | undefined;
  return async () => {
    credential ??= new (await azureIdentity()).DefaultAzureCredential(tenant);
    try {
      const token = await credential.getToken(`${new URL(baseUrl).origin}/.default`);
      return token?.token ?? '';
    } catch (error) {
      const reason = (error as Error).message.split('\n', 1)[0];
      throw new Error(
        `nobody is signed in to Azure: az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (${reason})`,
      );
    }
  };
}

async function azureIdentity() {
  try {
    return await import('@azure/identity');
  } catch {
    throw new UsageError(
      '@azure/identity signs in to Microsoft Graph, and is not installed: npm install --save-dev @azure/identity',
    );
  }
}

function localToken(baseUrl: string, options: VerbArguments['options']): () => Promise<string> {
  const tenantId = readGuid('--tenant', options.tenant);
  const clientId = readGuid('--sign-in-as', options['sign-in-as']);
  const variable = options['secret-variable'];
  const secret = typeof variable === 'string' ? process.env[variable] : undefined;
  if (secret === undefined) {
    throw new UsageError(
      variable === undefined
        ? '--secret-variable is missing: the name of the environment variable that holds the secret.'
        : `--secret-variable ${variable}: there is no such environment variable.`,
    );
  }
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope: 'https://graph.microsoft.com/.default',
  });
  const url = new URL(`/${tenantId}/oauth2/v2.0/token`, baseUrl);
  return async () => {
    const response = await fetch(url, { method: 'POST', body, redirect: 'error' }).catch(() => {
      throw new Error(`there is no local Entra at ${url.origin}: npx express-app-roles emulator`);
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (typeof answer.access_token !== 'string') {
      throw new Error(
        `the local Entra gave no token: ${String(answer.error_description ?? response.status).split(/ Trace ID|\r?\n/, 1)[0]}`,
      );
    }
    return answer.access_token;
  };
}

/** A user's name is shown to who sits at the terminal: in a log the object id has to do. */
export function describeSignedIn({ kind, name, objectId }: SignedIn): string {
  const mayName = kind === 'client' || process.stdout.isTTY;
  return name !== undefined && mayName ? `${kind} ${name} (${objectId})` : `${kind} ${objectId}`;
}

/** Tokens of users have scopes, those of clients alone have none. */
function describeToken(token: string): SignedIn {
  const claims = payloadOf(token);
  const isUser = claims.scp !== undefined;
  const names = isUser
    ? [claims.upn, claims.preferred_username, claims.unique_name]
    : [claims.app_displayname, claims.appid, claims.azp];
  return {
    tenantId: String(claims.tid),
    kind: isUser ? 'user' : 'client',
    objectId: String(claims.oid),
    name: names.find((name) => typeof name === 'string') as string | undefined,
  };
}

function payloadOf(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    return {};
  }
}
