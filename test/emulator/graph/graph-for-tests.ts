import { type DirectoryDescription, type Emulator, startEmulator } from 'express-app-roles/emulator';

const forClients = (value: string) => ({ value, allowedMemberTypes: ['Application' as const] });
const client = (displayName: string, ...roles: string[]) => ({
  displayName,
  secrets: [`secret of ${displayName}`],
  appRoleAssignments: { 'Microsoft Graph': roles },
});

export const directory: DirectoryDescription = {
  tenants: [{}, { displayName: 'Fabrikam' }],
  applications: [
    {
      displayName: 'Mailroom API',
      requestedAccessTokenVersion: 2,
      appRoles: [
        forClients('Mail.Read'),
        forClients('Mail.Send'),
        { value: 'Dispatcher', allowedMemberTypes: ['User'] },
      ],
      oauth2PermissionScopes: [{ value: 'Mail.Read' }, { value: 'Mail.Send' }],
      secrets: ['a sentinel that is a secret'],
      owners: ['Olga'],
    },
    { displayName: 'Nightly script', secrets: ['nightly'] },
    client('Owner', 'Application.ReadWrite.OwnedBy'),
    client('Manager', 'Application.ReadWrite.All'),
    client('Reader', 'Application.Read.All'),
    client('Granter', 'AppRoleAssignment.ReadWrite.All', 'Application.Read.All'),
    client('Half a granter', 'AppRoleAssignment.ReadWrite.All'),
    client('Consenter', 'DelegatedPermissionGrant.ReadWrite.All'),
    client('Owner and reader', 'Application.ReadWrite.OwnedBy', 'Directory.Read.All'),
    { displayName: 'Nobody', secrets: ['secret of Nobody'] },
    { displayName: 'Portal' },
    { displayName: 'Of Fabrikam', tenant: 'fabrikam.test', signInAudience: 'AzureADMultipleOrgs' },
  ],
  users: [
    { name: 'Olga' },
    { name: 'Ada', directoryRoles: ['Application Administrator'] },
    { name: 'Petra', directoryRoles: ['Privileged Role Administrator'] },
    { name: 'Fay', tenant: 'fabrikam.test', directoryRoles: ['Global Administrator'] },
  ],
};

type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of Microsoft Graph, read by tests
  readonly body: any;
}

/** A local Entra, and its Microsoft Graph as various callers. */
export async function startGraph() {
  const entra = await startEmulator({ directory });
  const tokenOf = (name: string): string => {
    const user = entra.directory.users.all().find((each) => each.name === name);
    return user === undefined
      ? entra.applicationToken({ client: name, resource: 'Microsoft Graph' })
      : entra.userToken({
          user: name,
          client: user.tenantId === entra.tenantId ? 'Portal' : 'Of Fabrikam',
          resource: 'Microsoft Graph',
          scopes: [
            'Application.ReadWrite.All',
            'AppRoleAssignment.ReadWrite.All',
            'DelegatedPermissionGrant.ReadWrite.All',
            'Directory.Read.All',
          ],
        });
  };

  async function ask(token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${entra.origin}/v1.0/${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  const application = (name: string) => entra.directory.applications.named(name);
  const principal = (name: string) => entra.directory.principalCalled(name, entra.tenantId).objectId;
  return {
    entra,
    ask,
    tokenOf,
    /** Asks as a client, as itself, or as a user through the portal with every scope. */
    as: (name: string) => ({
      get: (path: string) => ask(tokenOf(name), 'GET', path),
      post: (path: string, body?: Json) => ask(tokenOf(name), 'POST', path, body ?? {}),
      patch: (path: string, body: Json) => ask(tokenOf(name), 'PATCH', path, body),
      delete: (path: string) => ask(tokenOf(name), 'DELETE', path),
    }),
    application,
    principal,
    roleId: (value: string, api = 'Mailroom API') =>
      application(api).appRoles.find((role) => role.value === value)?.id ?? 'no such role',
  };
}

export type Graph = Awaited<ReturnType<typeof startGraph>>;
export type { Emulator };
