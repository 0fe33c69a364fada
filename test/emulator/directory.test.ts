import { type DirectoryDescription, startEmulator } from 'express-app-roles/emulator';
import { expect, it } from 'vitest';

const refusals: [string, unknown, RegExp][] = [
  ['a real tenant', { tenantId: '11111111-1111-4111-8111-111111111111' }, /^directory\.tenantId: must be of the range/],
  ['a tenant domain', { tenantId: 'contoso.com' }, /^directory\.tenantId: must be a GUID/],
  ['no applications', { applications: undefined }, /^directory\.applications: must be a list/],
  ['an unknown field', { aplications: [] }, /^directory\.aplications: unknown; the fields are tenantId, applications/],
  ['a nameless application', { applications: [{}] }, /^directory\.applications\[0\]\.displayName: must be a string/],
  ['a client id that is no GUID', app({ clientId: 'x' }), /^directory\.applications\[0\]\.clientId: must be a GUID/],
  ['a version 3', app({ accessTokenVersion: 3 }), /^directory\.applications\[0\]\.accessTokenVersion: must be 1 or 2/],
  [
    'a role with a space',
    app({ appRoles: ['a', 'b c'] }),
    /^directory\.applications\[0\]\.appRoles\[1\]: must be 1 to 120/,
  ],
  ['a scope that starts with a dot', app({ scopes: ['.a'] }), /^directory\.applications\[0\]\.scopes\[0\]/],
  ['an App ID URI with a slash', app({ identifierUris: ['api://a/'] }), /identifierUris: must not end with a slash/],
  ['an unknown optional claim', app({ optionalClaims: ['acct'] }), /optionalClaims: may hold 'idtyp' only/],
  ['an empty secret', app({ secrets: [''] }), /^directory\.applications\[0\]\.secrets\[0\]: must be a string/],
  [
    'a name twice',
    { applications: [{ displayName: 'A' }, { displayName: 'A' }] },
    /^directory\.applications\[1\]\.displayName: "A" is there twice/,
  ],
  ['a nameless user', { users: [{ name: ' ' }] }, /^directory\.users\[0\]\.name/],
  [
    'a role for an unknown client',
    { appRoleAssignments: [{ client: 'B', resource: 'A', roles: [] }] },
    /^directory\.appRoleAssignments\[0\]\.client: no application has the display name or client id "B"/,
  ],
  [
    'a role that the API does not define',
    { ...app({ appRoles: ['R', 'S'] }), appRoleAssignments: [{ client: 'A', resource: 'A', roles: ['T'] }] },
    /^directory\.appRoleAssignments\[0\]\.roles: A does not define "T"; it defines R, S\.$/,
  ],
];

function app(fields: object) {
  return { applications: [{ displayName: 'A', ...fields }] };
}

it.each(refusals)('does not start with %s, and names the field', async (_what, fields, message) => {
  const directory = { applications: [{ displayName: 'A' }], ...(fields as object) } as DirectoryDescription;
  await expect(startEmulator({ directory })).rejects.toThrow(message);
});

it('derives the ids that a description leaves out, the same at every start', async () => {
  const directory = { applications: [{ displayName: 'A' }], users: [{ name: 'Ada' }] };
  const [first, second] = await Promise.all([startEmulator({ directory }), startEmulator({ directory })]);
  await Promise.all([first.close(), second.close()]);
  expect(first.directory).toEqual(second.directory);
  expect(first.tenantId).toBe('7e570000-0000-4000-8000-000000000001');
  expect(first.directory.applications[0]?.identifierUris).toEqual([
    `api://${first.directory.applications[0]?.clientId}`,
  ]);
});
