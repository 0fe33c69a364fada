import { createLocalEntra, type DirectoryDescription } from 'express-app-roles/emulator';
import { expect, it } from 'vitest';

const api = (fields: object = {}) => ({ displayName: 'API', ...fields });
const client = (fields: object = {}) => ({ displayName: 'Client', ...fields });
const role = (value: string, type = 'Application') => ({ value, allowedMemberTypes: [type] });
const described = (fields: object) => ({ applications: [api(fields)] });
const clientOf = (apiFields: object, clientFields: object) => ({
  applications: [api(apiFields), client(clientFields)],
});

const refusals: [string, object, RegExp][] = [
  [
    'a real tenant',
    { tenants: [{ tenantId: '11111111-1111-4111-8111-111111111111' }] },
    /^tenants\[0\]\.tenantId: must be of the range/,
  ],
  ['a tenant domain for an id', { tenants: [{ tenantId: 'contoso.com' }] }, /^tenants\[0\]\.tenantId: must be a GUID/],
  ['no tenant at all', { tenants: [] }, /^tenants: must hold at least one/],
  ['two tenants of one id', { tenants: [{}, {}] }, /^tenants\[1\]\.tenantId: .* is there twice/],
  ['no applications', { applications: undefined }, /^applications: must be a list/],
  ['an unknown field', { aplications: [] }, /^aplications: unknown; the fields are tenants, applications/],
  ['a nameless application', { applications: [{}] }, /^applications\[0\]\.displayName: must be a string/],
  ['a client id that is no GUID', described({ clientId: 'x' }), /^applications\[0\]\.clientId: must be a GUID/],
  [
    'a tenant that is not there',
    described({ tenant: 'other' }),
    /^applications\[0\]\.tenant: no tenant has the id or domain "other"/,
  ],
  [
    'a version 3',
    described({ requestedAccessTokenVersion: 3 }),
    /^applications\[0\]\.requestedAccessTokenVersion: must be 1 or 2/,
  ],
  [
    'v1.0 tokens for personal accounts',
    described({ signInAudience: 'PersonalMicrosoftAccount', requestedAccessTokenVersion: 1 }),
    /^applications\[0\]\.requestedAccessTokenVersion: must be 2/,
  ],
  [
    'a role with a space',
    described({ appRoles: [role('a'), role('b c')] }),
    /^applications\[0\]\.appRoles\[1\]\.value: must be 1 to 120/,
  ],
  [
    'a role for nobody',
    described({ appRoles: [{ value: 'a', allowedMemberTypes: [] }] }),
    /^applications\[0\]\.appRoles\[0\]\.allowedMemberTypes: must hold/,
  ],
  [
    'a role twice',
    described({ appRoles: [role('a'), { ...role('a', 'User'), id: '00000000-0000-4000-8000-000000000001' }] }),
    /^applications\[0\]\.appRoles\[1\]\.value: "a" is there twice/,
  ],
  [
    'an id twice',
    described({
      appRoles: [{ ...role('a'), id: '00000000-0000-4000-8000-000000000001' }],
      oauth2PermissionScopes: [{ value: 'b', id: '00000000-0000-4000-8000-000000000001' }],
    }),
    /^applications\[0\]\.oauth2PermissionScopes\[0\]\.id: The following values must match/,
  ],
  [
    'a scope that starts with a dot',
    described({ oauth2PermissionScopes: [{ value: '.a' }] }),
    /^applications\[0\]\.oauth2PermissionScopes\[0\]\.value/,
  ],
  [
    'a catalogue that is none',
    described({ permissions: { 'Mail.Read': {} } }),
    /^applications\[0\]\.permissions: Mail\.Read: declare at least one of/,
  ],
  [
    'an App ID URI with a slash',
    described({ identifierUris: ['api://a/'] }),
    /^applications\[0\]\.identifierUris\[0\]: must not end with a slash/,
  ],
  [
    'an App ID URI twice',
    clientOf({ identifierUris: ['api://a'] }, { identifierUris: ['api://a'] }),
    /^applications\[1\]\.identifierUris\[0\]: Another object with the same value/,
  ],
  [
    'an unknown optional claim',
    described({ optionalClaims: ['acr'] }),
    /^applications\[0\]\.optionalClaims\[0\]: must be idtyp, acct/,
  ],
  ['an empty secret', described({ secrets: [''] }), /^applications\[0\]\.secrets\[0\]: must be a string/],
  [
    'a certificate that is none',
    described({ certificates: ['x'] }),
    /^applications\[0\]\.certificates\[0\]: must be a certificate in PEM/,
  ],
  ['a name twice', { applications: [api(), api()] }, /^applications\[1\]\.displayName: "API" is there twice/],
  ['a nameless user', { users: [{ name: ' ' }] }, /^users\[0\]\.name/],
  ['a user twice', { users: [{ name: 'Ada' }, { name: 'Ada' }] }, /^users\[1\]\.name: "Ada" is there twice/],
  [
    'a guest of an unknown home',
    { users: [{ name: 'Ada', homeTenant: 'nowhere' }] },
    /^users\[0\]\.homeTenant: no tenant has the id or domain "nowhere"/,
  ],
  [
    'an unknown directory role',
    { users: [{ name: 'Ada', directoryRoles: ['King'] }] },
    /^users\[0\]\.directoryRoles\[0\]: must be Global Administrator/,
  ],
  [
    'a role of an unknown API',
    described({ appRoleAssignments: { B: [] } }),
    /^applications\[0\]\.appRoleAssignments\["B"\]: no service principal is called "B"/,
  ],
  [
    'a role that the API does not define',
    clientOf({ appRoles: [role('R'), role('S')] }, { appRoleAssignments: { API: ['T'] } }),
    /^applications\[1\]\.appRoleAssignments\["API"\]: API does not define "T"; it defines R, S\.$/,
  ],
  [
    'a user role for a client',
    clientOf({ appRoles: [role('R', 'User')] }, { appRoleAssignments: { API: ['R'] } }),
    /^applications\[1\]\.appRoleAssignments\["API"\]\.appRoleId: R of API is for User; a client cannot have it/,
  ],
  [
    'an application permission for a user',
    { ...described({ appRoles: [role('R')] }), users: [{ name: 'Ada', appRoleAssignments: { API: ['R'] } }] },
    /^users\[0\]\..*: R of API is for Application; a user cannot have it/,
  ],
  [
    'a role twice for one client',
    clientOf({ appRoles: [role('R')] }, { appRoleAssignments: { API: ['R', 'R'] } }),
    /already exists on the object/,
  ],
  [
    'a role in the tenant of personal accounts',
    {
      ...described({ signInAudience: 'AzureADandPersonalMicrosoftAccount', appRoles: [role('R', 'User')] }),
      users: [{ name: 'Ada', tenant: 'consumers', appRoleAssignments: { API: ['R'] } }],
    },
    /^users\[0\]\..*: The tenant of personal accounts grants no app role/,
  ],
  [
    'a scope that the API does not define',
    clientOf({}, { oauth2PermissionGrants: [{ resource: 'API', scopes: ['s'] }] }),
    /^applications\[1\]\.oauth2PermissionGrants\[0\]\.scopes: API does not define "s"; it defines none/,
  ],
  [
    'a consent of nobody',
    clientOf(
      { oauth2PermissionScopes: [{ value: 's' }] },
      { oauth2PermissionGrants: [{ resource: 'API', scopes: ['s'], user: 'Ada' }] },
    ),
    /^applications\[1\]\.oauth2PermissionGrants\[0\]: no user is called "Ada"/,
  ],
  [
    'an owner who is not there',
    described({ owners: ['Ada'] }),
    /^applications\[0\]\.owners\[0\]: no user or application is called "Ada"/,
  ],
  [
    'a foreign tenant that the application does not admit',
    {
      tenants: [{}, { displayName: 'B' }],
      ...described({}),
      servicePrincipals: [{ application: 'API', tenant: 'b.test' }],
    },
    /^servicePrincipals\[0\]\.tenant: API has signInAudience AzureADMyOrg, which does not admit/,
  ],
  [
    "a client's role on a service principal",
    described({ servicePrincipal: { appRoles: [role('R')] } }),
    /^applications\[0\]\.servicePrincipal\.appRoles\[0\]\.allowedMemberTypes/,
  ],
];

it.each(refusals)('is not made of %s, and the error names the field', (_what, fields, message) => {
  const directory = { applications: [api()], ...fields } as DirectoryDescription;
  expect(() => createLocalEntra({ directory })).toThrow(message);
});

it('derives the ids that a description leaves out, the same at every start', () => {
  const directory: DirectoryDescription = {
    tenants: [{}, { displayName: 'Contoso' }],
    applications: [api({ appRoles: [role('R')], secrets: ['s'], signInAudience: 'AzureADMultipleOrgs' }), client()],
    servicePrincipals: [{ application: 'API', tenant: 'contoso.test' }],
    managedIdentities: [{ displayName: 'Job' }],
    users: [{ name: 'Ada' }, { name: 'Ada', tenant: 'contoso.test' }],
  } as DirectoryDescription;
  const [first, second] = [createLocalEntra({ directory }).directory, createLocalEntra({ directory }).directory];
  expect(first.tenants).toEqual(second.tenants);
  expect(first.applications.all()).toEqual(second.applications.all());
  expect(first.servicePrincipals.all()).toEqual(second.servicePrincipals.all());
  expect(first.users.all()).toEqual(second.users.all());
  expect(first.tenants.map(({ tenantId, domain }) => [tenantId.slice(0, 24), domain])).toEqual([
    ['7e570000-0000-4000-8000-', 'entra.test'],
    ['7e570000-0000-4000-8000-', 'contoso.test'],
  ]);
  expect(first.tenants[0]?.tenantId).toBe('7e570000-0000-4000-8000-000000000001');
  const { clientId, identifierUris } = first.applications.named('API');
  expect(identifierUris).toEqual([`api://${clientId}`]);
  expect(new Set(first.users.all().map(({ objectId }) => objectId)).size).toBe(2);
});

it('registers a catalogue as Entra would have it', () => {
  const { directory } = createLocalEntra({
    directory: {
      applications: [
        {
          displayName: 'API',
          permissions: {
            'Mail.Read': {
              application: { id: 'A0000000-0000-4000-8000-0000000000A1', displayName: 'Read', description: 'Reads.' },
              delegated: {
                consent: 'user',
                enabled: false,
                displayName: 'Read for',
                description: 'Reads for.',
                toUser: { displayName: 'Read yours', description: 'Reads yours.' },
              },
            },
            Dispatcher: { userRole: { displayName: 'Dispatcher', description: 'Dispatches.', enabled: false } },
          },
        },
      ],
    },
  });
  const { appRoles, oauth2PermissionScopes } = directory.applications.named('API');
  expect(appRoles).toEqual([
    {
      id: 'a0000000-0000-4000-8000-0000000000a1',
      value: 'Mail.Read',
      allowedMemberTypes: ['Application'],
      isEnabled: true,
      displayName: 'Read',
      description: 'Reads.',
    },
    expect.objectContaining({ value: 'Dispatcher', allowedMemberTypes: ['User'], isEnabled: false }),
  ]);
  expect(oauth2PermissionScopes).toEqual([
    {
      id: expect.any(String),
      value: 'Mail.Read',
      type: 'User',
      isEnabled: false,
      adminConsentDisplayName: 'Read for',
      adminConsentDescription: 'Reads for.',
      userConsentDisplayName: 'Read yours',
      userConsentDescription: 'Reads yours.',
    },
  ]);
});
