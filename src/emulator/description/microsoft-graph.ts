import { definePermissions } from '../../permissions/index.js';
import type { Directory } from '../directory/directory.js';
import { personalAccounts } from '../directory/tenant.js';
import { readPermissions } from './read-permissions.js';
import { stableGuid } from './stable-guid.js';

/** Microsoft Graph's client id in every tenant of the world. */
export const MICROSOFT_GRAPH_CLIENT_ID = '00000003-0000-0000-c000-000000000000';

/** The tenant that Microsoft's own applications are registered in. */
const MICROSOFT_TENANT_ID = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/** Of Microsoft Graph's permissions those that permission work needs. */
export const graphPermissions = definePermissions({
  'User.Read': {
    delegated: {
      id: 'e1fe6dd8-ba31-4d61-89e7-88639da4683d',
      consent: 'user',
      displayName: 'Sign in and read user profile',
      description: 'Allows users to sign in to the app, and allows the app to read the profile of signed-in users.',
      toUser: {
        displayName: 'Sign you in and read your profile',
        description: 'Allows you to sign in to the app with your work account and let the app read your profile.',
      },
    },
  },
  'Application.Read.All': {
    delegated: {
      consent: 'admin',
      displayName: 'Read applications',
      description: 'Allows the app to read applications and service principals on behalf of the signed-in user.',
    },
    application: {
      displayName: 'Read all applications',
      description: 'Allows the app to read all applications and service principals without a signed-in user.',
    },
  },
  'Application.ReadWrite.All': {
    delegated: {
      id: 'bdfbf15f-ee85-4955-8675-146e8e5296b5',
      consent: 'admin',
      displayName: 'Read and write all applications',
      description:
        'Allows the app to create, read, update and delete applications and service principals on behalf of the signed-in user.',
    },
    application: {
      id: '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
      displayName: 'Read and write all applications',
      description:
        'Allows the app to create, read, update and delete applications and service principals without a signed-in user.',
    },
  },
  'Application.ReadWrite.OwnedBy': {
    application: {
      id: '18a4783c-866b-4cc7-a460-3d5e5662c884',
      displayName: 'Manage apps that this app creates or owns',
      description:
        'Allows the app to create other applications, and fully manage those that it owns, without a signed-in user.',
    },
  },
  'AppRoleAssignment.ReadWrite.All': {
    delegated: {
      consent: 'admin',
      displayName: 'Manage app permission grants and app role assignments',
      description: 'Allows the app to manage app role assignments of any API, on behalf of the signed-in user.',
    },
    application: {
      displayName: 'Manage app permission grants and app role assignments',
      description: 'Allows the app to manage app role assignments of any API, without a signed-in user.',
    },
  },
  'DelegatedPermissionGrant.ReadWrite.All': {
    delegated: {
      consent: 'admin',
      displayName: 'Manage all delegated permission grants',
      description: 'Allows the app to manage delegated permission grants of any API, on behalf of the signed-in user.',
    },
    application: {
      displayName: 'Manage all delegated permission grants',
      description: 'Allows the app to manage delegated permission grants of any API, without a signed-in user.',
    },
  },
  'Directory.Read.All': {
    delegated: {
      consent: 'admin',
      displayName: 'Read directory data',
      description: 'Allows the app to read users, applications and service principals for the signed-in user.',
    },
    application: {
      displayName: 'Read directory data',
      description: 'Allows the app to read users, applications and service principals without a signed-in user.',
    },
  },
});

/**
 * Registers Microsoft Graph, and provisions it in every tenant. Its tokens are v2.0 here, for its audience is then the client
 * id: the real one's cannot be verified by anyone but Microsoft.
 */
export function addMicrosoftGraph(directory: Directory): void {
  const displayName = 'Microsoft Graph';
  const offered = readPermissions(
    displayName,
    { displayName, permissions: graphPermissions },
    MICROSOFT_GRAPH_CLIENT_ID,
  );
  const { clientId } = directory.applications.create({
    displayName,
    clientId: MICROSOFT_GRAPH_CLIENT_ID,
    objectId: stableGuid('application', MICROSOFT_GRAPH_CLIENT_ID),
    tenantId: MICROSOFT_TENANT_ID,
    signInAudience: 'AzureADandPersonalMicrosoftAccount',
    identifierUris: ['https://graph.microsoft.com'],
    requestedAccessTokenVersion: 2,
    optionalClaims: [{ name: 'idtyp', additionalProperties: ['include_user_token'] }],
    ...offered,
  });
  for (const { tenantId } of [...directory.tenants, personalAccounts]) {
    const objectId = stableGuid('service principal', clientId, tenantId);
    directory.servicePrincipals.create({ clientId, tenantId, objectId });
  }
}
