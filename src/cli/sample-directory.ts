import type { DirectoryDescription } from '../emulator/index.js';

/** What a local Entra starts with where nobody brings a directory. */
export const sampleDirectory: DirectoryDescription = {
  applications: [
    {
      displayName: 'Orders API',
      requestedAccessTokenVersion: 2,
      appRoles: [{ value: 'Order.Read.All', allowedMemberTypes: ['Application'], displayName: 'Read all orders' }],
      oauth2PermissionScopes: [{ value: 'Order.Read', adminConsentDisplayName: 'Read orders' }],
    },
    {
      displayName: 'Nightly script',
      secrets: ['for local development only'],
      appRoleAssignments: { 'Orders API': ['Order.Read.All'] },
    },
    {
      displayName: 'Portal',
      redirectUris: { spa: ['http://localhost:5173'] },
      oauth2PermissionGrants: [{ resource: 'Orders API', scopes: ['Order.Read'] }],
    },
  ],
  users: [{ name: 'Ada' }],
};
