import type { DirectoryDescription } from 'express-app-roles/emulator';

export const apiV2 = '7e570000-0000-4000-8000-0000000000f2';
export const apiV1 = '7e570000-0000-4000-8000-0000000000f1';
export const locked = '7e570000-0000-4000-8000-0000000000f3';
export const script = '7e570000-0000-4000-8000-0000000000c1';
export const scriptPrincipal = '7e570000-0000-4000-8000-0000000000d1';
export const secret = 'p+ss w%rd:~';

const forClients = (value: string) => ({ value, allowedMemberTypes: ['Application' as const] });

export const directory: DirectoryDescription = {
  applications: [
    {
      displayName: 'API v2',
      clientId: apiV2,
      requestedAccessTokenVersion: 2,
      appRoles: [
        ...['Mail.Read', 'Mail.Send'].map(forClients),
        { value: 'Dispatcher', allowedMemberTypes: ['User'] },
        { value: 'Shared.Name', allowedMemberTypes: ['User', 'Application'] },
      ],
      oauth2PermissionScopes: [{ value: 'Mail.Read' }, { value: 'User.Read' }],
    },
    {
      displayName: 'API v1',
      clientId: apiV1,
      identifierUris: ['api://orders', `api://${apiV1}`],
      appRoles: [forClients('Mail.Read')],
      oauth2PermissionScopes: [{ value: 'Mail.Read' }],
      optionalClaims: [],
    },
    {
      displayName: 'Locked API',
      clientId: locked,
      servicePrincipal: { appRoleAssignmentRequired: true },
      appRoles: [forClients('Mail.Read')],
    },
    {
      displayName: 'Script',
      clientId: script,
      servicePrincipal: { objectId: scriptPrincipal },
      secrets: ['old', secret],
      appRoleAssignments: { 'API v2': ['Mail.Read', 'Mail.Send'], [apiV1]: ['Mail.Read'], 'Locked API': [] },
    },
    { displayName: 'Nobody', secrets: ['nobody'] },
    { displayName: 'Portal' },
  ],
  users: [{ name: 'Ada Lovelace' }, { name: 'Grace' }],
};
