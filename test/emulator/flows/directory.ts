import type { DirectoryDescription } from 'express-app-roles/emulator';
import { clientCertificate } from './client-certificate.js';

export const certificate = clientCertificate();
export const unregistered = clientCertificate();
/** An issuer outside of Entra, such as a build service. */
export const outside = clientCertificate();
export const outsideIssuer = 'https://builds.test';
export const secret = 'a secret';
export const callback = 'http://localhost:3000/callback';

const id = (last: string) => `7e570000-0000-4000-8000-0000000000${last}`;
export const orders = id('a1');
export const stock = id('a2');
export const locked = id('a3');
export const web = id('c1');
export const spa = id('c2');
export const desktop = id('c3');
export const daemon = id('c4');
export const implicit = id('c5');
export const unassigned = id('c6');
export const global = id('c7');
export const thumbprint = id('c8');
export const lockedWeb = id('c9');

const forClients = (value: string) => ({ value, allowedMemberTypes: ['Application' as const] });
const forUsers = (value: string) => ({ value, allowedMemberTypes: ['User' as const] });

export const directory: DirectoryDescription = {
  tenants: [{ displayName: 'Contoso' }, { displayName: 'Fabrikam' }],
  applications: [
    {
      displayName: 'Orders',
      clientId: orders,
      requestedAccessTokenVersion: 2,
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      identifierUris: ['api://orders'],
      appRoles: [forClients('Orders.Read.All'), forUsers('Dispatcher')],
      oauth2PermissionScopes: [
        { value: 'Orders.Read', userConsentDisplayName: 'Read your orders' },
        { value: 'Orders.Write' },
        { value: 'Orders.Manage', type: 'Admin' },
        { value: 'Orders.Gone', isEnabled: false },
      ],
      secrets: [secret],
      oauth2PermissionGrants: [{ resource: 'Stock', scopes: ['Stock.Read'] }],
    },
    {
      displayName: 'Stock',
      clientId: stock,
      identifierUris: ['api://stock'],
      appRoles: [forClients('Stock.Read.All')],
      oauth2PermissionScopes: [{ value: 'Stock.Read' }, { value: 'Stock.Count' }],
    },
    {
      displayName: 'Locked',
      clientId: locked,
      identifierUris: ['api://locked'],
      servicePrincipal: { appRoleAssignmentRequired: true },
      appRoles: [forClients('Locked.Read.All'), forUsers('Locksmith')],
      oauth2PermissionScopes: [{ value: 'Locked.Read' }],
    },
    {
      displayName: 'Web',
      clientId: web,
      secrets: [secret],
      redirectUris: { web: [callback, 'https://web.test/callback'] },
      oauth2PermissionGrants: [
        { resource: 'Orders', scopes: ['Orders.Read'] },
        { resource: 'Locked', scopes: ['Locked.Read'] },
      ],
    },
    {
      displayName: 'Page',
      clientId: spa,
      redirectUris: { spa: ['http://localhost:5173/'] },
      oauth2PermissionGrants: [{ resource: 'Orders', scopes: ['Orders.Read'] }],
    },
    {
      displayName: 'Desktop',
      clientId: desktop,
      isFallbackPublicClient: true,
      redirectUris: { publicClient: ['http://localhost'] },
      oauth2PermissionGrants: [{ resource: 'Orders', scopes: ['Orders.Read', 'Orders.Write'] }],
    },
    {
      displayName: 'Daemon',
      clientId: daemon,
      secrets: [secret],
      certificates: [certificate.certificate],
      federatedIdentityCredentials: [
        { issuer: outsideIssuer, subject: 'repo:shop:main', publicKeys: [outside.publicKey] },
      ],
      appRoleAssignments: { Orders: ['Orders.Read.All'], Stock: ['Stock.Read.All'] },
    },
    {
      displayName: 'Implicit',
      clientId: implicit,
      redirectUris: { web: [callback] },
      implicitGrantSettings: { enableAccessTokenIssuance: true, enableIdTokenIssuance: true },
      oauth2PermissionGrants: [{ resource: 'Orders', scopes: ['Orders.Read'] }],
    },
    { displayName: 'Unassigned', clientId: unassigned, secrets: [secret] },
    {
      displayName: 'Global',
      clientId: global,
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      isFallbackPublicClient: true,
      redirectUris: { publicClient: ['http://localhost'] },
    },
    { displayName: 'Thumbprint', clientId: thumbprint, certificates: [certificate.sha256] },
    {
      displayName: 'Locked web',
      clientId: lockedWeb,
      secrets: [secret],
      redirectUris: { web: [callback] },
      servicePrincipal: { appRoleAssignmentRequired: true },
    },
  ],
  servicePrincipals: [
    { application: 'Global', tenant: 'fabrikam.test' },
    { application: 'Orders', tenant: 'fabrikam.test' },
  ],
  managedIdentities: [
    { displayName: 'Job', appRoleAssignments: { Orders: ['Orders.Read.All'], Stock: ['Stock.Read.All'] } },
    { displayName: 'Other job' },
  ],
  users: [
    { name: 'Ada', appRoleAssignments: { Orders: ['Dispatcher'], Locked: ['Locksmith'] } },
    { name: 'Bob' },
    { name: 'Admin', directoryRoles: ['Application Administrator'] },
    { name: 'Fay', tenant: 'fabrikam.test' },
    { name: 'Paul', tenant: 'consumers' },
  ],
};
