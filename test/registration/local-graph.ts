import { type DirectoryDescription, startEmulator } from 'express-app-roles/emulator';
import { connectGraph, type GraphClient, readFromGraph, readHolders } from 'express-app-roles/registration';

export const clientId = '11111111-1111-4111-8111-111111111111';

const client = (displayName: string, roles: readonly string[], others: object = {}) => ({
  displayName,
  secrets: [`secret of ${displayName}`],
  appRoleAssignments: { 'Microsoft Graph': roles, ...others },
});

/** An API whose registration was made by hand, long ago. */
export const directory: DirectoryDescription = {
  applications: [
    {
      displayName: 'Mail API',
      clientId,
      owners: ['Pipeline'],
      requestedAccessTokenVersion: 2,
      optionalClaims: ['email'],
      appRoles: [
        { value: 'Mail.Read', allowedMemberTypes: ['Application', 'User'], displayName: 'Read' },
        { value: 'Mail.Old', allowedMemberTypes: ['Application'] },
      ],
      oauth2PermissionScopes: [{ value: 'Settings.ReadWrite', type: 'User' }, { value: 'Old.Scope' }],
    },
    client('Pipeline', ['Application.ReadWrite.OwnedBy']),
    client('Reader', ['Application.Read.All', 'Directory.Read.All']),
    client('Stranger', ['Application.ReadWrite.OwnedBy']),
    client('Granter', ['AppRoleAssignment.ReadWrite.All', 'Application.Read.All']),
    client('Nightly script', [], { 'Mail API': ['Mail.Old', 'Mail.Read'] }),
    {
      displayName: 'Portal',
      oauth2PermissionGrants: [
        { resource: 'Mail API', scopes: ['Settings.ReadWrite'] },
        { resource: 'Mail API', scopes: ['Old.Scope'], user: 'Ada' },
      ],
    },
  ],
  users: [
    { name: 'Ada', appRoleAssignments: { 'Mail API': ['Mail.Read'] } },
    { name: 'Grace', appRoleAssignments: { 'Mail API': ['Mail.Read'] } },
  ],
};

/** A local Entra with the API in it, and its Microsoft Graph as various clients. */
export async function startLocalGraph() {
  const entra = await startEmulator({ directory });
  const as = (name: string): GraphClient =>
    connectGraph({
      baseUrl: `${entra.origin}/v1.0`,
      getToken: async () => entra.applicationToken({ client: name, resource: 'Microsoft Graph' }),
    });
  return {
    entra,
    as,
    application: () => entra.directory.applications.named('Mail API'),
    registration: () => readFromGraph(as('Reader'), clientId),
    holders: () => readHolders(as('Reader'), clientId),
    clientIdOf: (name: string) => entra.directory.applications.named(name).clientId,
    rolesOf: (name: string) => {
      const { servicePrincipals, appRoleAssignments } = entra.directory;
      const of = (each: string) => servicePrincipals.named(each, entra.tenantId);
      return appRoleAssignments.rolesOf(of(name).objectId, of('Mail API'));
    },
    /** The requests that changed something. */
    written: () =>
      entra.log.entries.flatMap((entry) =>
        entry.event === 'asked' && entry.method !== 'GET' ? `${entry.method} ${entry.path} ${entry.status}` : [],
      ),
  };
}

export type LocalGraph = Awaited<ReturnType<typeof startLocalGraph>>;
