import type { DirectoryDescription } from 'express-app-roles/emulator';

export const apiV2 = '7e570000-0000-4000-8000-0000000000f2';
export const apiV1 = '7e570000-0000-4000-8000-0000000000f1';
export const locked = '7e570000-0000-4000-8000-0000000000f3';
export const script = '7e570000-0000-4000-8000-0000000000c1';
export const scriptPrincipal = '7e570000-0000-4000-8000-0000000000d1';
export const secret = 'p+ss w%rd:~';

export const directory: DirectoryDescription = {
  applications: [
    {
      displayName: 'API v2',
      clientId: apiV2,
      accessTokenVersion: 2,
      appRoles: ['Mail.Read', 'Mail.Send', 'Shared.Name'],
      userRoles: ['Dispatcher', 'Shared.Name'],
      scopes: ['Mail.Read', 'User.Read'],
    },
    {
      displayName: 'API v1',
      clientId: apiV1,
      identifierUris: ['api://orders', `api://${apiV1}`],
      appRoles: ['Mail.Read'],
      scopes: ['Mail.Read'],
      optionalClaims: [],
    },
    { displayName: 'Locked API', clientId: locked, assignmentRequired: true, appRoles: ['Mail.Read'] },
    { displayName: 'Script', clientId: script, servicePrincipalId: scriptPrincipal, secrets: ['old', secret] },
    { displayName: 'Nobody', secrets: ['nobody'] },
    { displayName: 'Portal' },
  ],
  users: [{ name: 'Ada Lovelace' }, { name: 'Grace' }],
  appRoleAssignments: [
    { client: 'Script', resource: 'API v2', roles: ['Mail.Read'] },
    { client: script, resource: apiV2, roles: ['Mail.Send', 'Mail.Read'] },
    { client: 'Script', resource: 'API v1', roles: ['Mail.Read'] },
    { client: 'Script', resource: 'Locked API', roles: [] },
  ],
};
