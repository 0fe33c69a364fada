import { definePermissions } from 'express-app-roles';
import { drift, manifest, readRegistration, registrationFindings } from 'express-app-roles/registration';
import { describe, expect, it } from 'vitest';
import { uuidV5 } from '../../src/registration/uuid-v5.js';
import { permissions } from './mail-permissions.js';

const clientId = '11111111-1111-4111-8111-111111111111';
const [one, two] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
const text = { displayName: 'Read', description: 'Reads.' };
const role = (fields: object = {}) => ({
  id: one,
  value: 'Read',
  allowedMemberTypes: ['Application'],
  isEnabled: true,
  ...text,
  ...fields,
});
const scope = (fields: object = {}) => ({
  id: one,
  value: 'Read',
  type: 'Admin',
  isEnabled: true,
  adminConsentDisplayName: 'Read',
  adminConsentDescription: 'Reads.',
  userConsentDisplayName: null,
  userConsentDescription: null,
  ...fields,
});
const registered = (appRoles: object[], oauth2PermissionScopes: object[] = [], fields: object = {}) =>
  readRegistration({ appId: clientId, appRoles, api: { oauth2PermissionScopes }, ...fields });
const both = (application: object = {}, delegated: object = {}) =>
  definePermissions({
    Read: { application: { ...text, ...application }, delegated: { consent: 'admin', ...text, ...delegated } },
  });

it('derives ids as RFC 9562 does', () => {
  // Appendix A.4 of the RFC: the DNS namespace and www.example.com.
  expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

it('gives roles, scopes and optional claims as Microsoft Graph takes them', () => {
  const readId = uuidV5(clientId, 'application:Mail.Read');
  const displayName = 'Read mail / Read all mail';
  const description =
    'For a user: Lets the app read mail as the signed-in user. Without a user: Lets the app read every mailbox.';
  expect(manifest(permissions, { clientId })).toEqual({
    appRoles: [
      {
        id: readId,
        value: 'Mail.Read',
        allowedMemberTypes: ['Application'],
        isEnabled: true,
        displayName,
        description,
      },
      {
        id: uuidV5(clientId, 'application:Mail.Send'),
        value: 'Mail.Send',
        allowedMemberTypes: ['Application'],
        isEnabled: true,
        displayName: 'Send mail',
        description: 'Lets the app send mail as anybody.',
      },
      {
        id: uuidV5(clientId, 'userRole:Mail.Dispatcher'),
        value: 'Mail.Dispatcher',
        allowedMemberTypes: ['User'],
        isEnabled: true,
        displayName: 'Dispatcher',
        description: 'Dispatches mail.',
      },
    ],
    api: {
      oauth2PermissionScopes: [
        {
          id: readId,
          value: 'Mail.Read',
          type: 'User',
          isEnabled: true,
          adminConsentDisplayName: displayName,
          adminConsentDescription: description,
          userConsentDisplayName: 'Read your mail',
          userConsentDescription: 'Lets the app read your mail.',
        },
        {
          id: uuidV5(clientId, 'delegated:Settings.ReadWrite'),
          value: 'Settings.ReadWrite',
          type: 'Admin',
          isEnabled: true,
          adminConsentDisplayName: 'Manage settings',
          adminConsentDescription: 'Lets the app manage settings.',
          userConsentDisplayName: null,
          userConsentDescription: null,
        },
      ],
    },
    optionalClaims: {
      accessToken: [
        { name: 'idtyp', source: null, essential: false, additionalProperties: ['include_user_token'] },
        { name: 'acct', source: null, essential: false, additionalProperties: [] },
      ],
    },
  });
});

it('is the same for the same client, and other for another', () => {
  const ids = (id: string) => manifest(permissions, { clientId: id }).appRoles.map((each) => each.id);
  expect(ids(clientId.toUpperCase())).toEqual(ids(clientId));
  expect(ids(one)).not.toEqual(ids(clientId));
});

it('takes ids over by value and kind, and keeps what other claims are asked for', () => {
  const claims = [
    { name: 'email', source: null, essential: true, additionalProperties: [] },
    { name: 'idtyp', source: null, essential: false, additionalProperties: [] },
  ];
  const existing = registered([role()], [scope({ value: 'Write', id: two })], {
    optionalClaims: { accessToken: claims, idToken: [{ name: 'upn' }] },
  });
  const declared = definePermissions({ Read: { application: text }, Write: { application: text } });
  const made = manifest(declared, { clientId, existing });
  expect(made.appRoles.map(({ id }) => id)).toEqual([one, two]);
  expect(made.optionalClaims).toEqual({
    accessToken: [
      claims[0],
      { ...claims[1], additionalProperties: ['include_user_token'] },
      { name: 'acct', source: null, essential: false, additionalProperties: [] },
    ],
    idToken: [{ name: 'upn', source: null, essential: false, additionalProperties: [] }],
    saml2Token: [],
  });
});

it('prefers the id in the catalogue, in lower case', () => {
  const declared = definePermissions({ Read: { application: { ...text, id: two.toUpperCase() } } });
  expect(manifest(declared, { clientId }).appRoles[0]?.id).toBe(two);
});

it('never says which version access tokens are to have', () => {
  expect(Object.keys(manifest(permissions, { clientId }).api)).toEqual(['oauth2PermissionScopes']);
});

it('has what is disabled only where it is registered', () => {
  const declared = definePermissions({ Read: { application: { ...text, enabled: false } } });
  expect(manifest(declared, { clientId }).appRoles).toEqual([]);
  expect(manifest(declared, { clientId, existing: registered([role()]) }).appRoles).toEqual([
    role({ isEnabled: false }),
  ]);
});

describe('a scope and an app role of one name', () => {
  it('have one id, one text, and a finding that says so', () => {
    const declared = both({ displayName: 'Read all' });
    const made = manifest(declared, { clientId });
    expect(made.api.oauth2PermissionScopes[0]).toMatchObject({
      id: made.appRoles[0]?.id,
      adminConsentDisplayName: 'Read / Read all',
      adminConsentDescription: 'For a user: Reads. Without a user: Reads.',
    });
    expect(made.appRoles[0]).toMatchObject({ displayName: 'Read / Read all' });
    expect(registrationFindings(declared, { clientId })).toEqual([
      {
        value: 'Read',
        blocks: false,
        message: expect.stringMatching(/one id and one text.*"Read \/ Read all" for both/),
      },
    ]);
  });

  it('have the text that both declare, and no finding', () => {
    expect(manifest(both(), { clientId }).appRoles[0]).toMatchObject(text);
    expect(registrationFindings(both(), { clientId })).toEqual([]);
  });

  it('have the id that one of them has, in the catalogue or in the registration', () => {
    const ids = (...given: Parameters<typeof manifest>) => {
      const { appRoles, api } = manifest(...given);
      return [appRoles[0]?.id, api.oauth2PermissionScopes[0]?.id];
    };
    expect(ids(both({ id: two }), { clientId })).toEqual([two, two]);
    expect(ids(both({}, { id: two }), { clientId })).toEqual([two, two]);
    expect(ids(both(), { clientId, existing: registered([], [scope()]) })).toEqual([one, one]);
  });

  it('are left apart where they are registered apart, with a text each', () => {
    const existing = registered([role()], [scope({ id: two })]);
    const declared = both({ displayName: 'Read all' });
    const made = manifest(declared, { clientId, existing });
    expect([made.appRoles[0]?.id, made.api.oauth2PermissionScopes[0]?.id]).toEqual([one, two]);
    expect(made.appRoles[0]?.displayName).toBe('Read all');
    expect(registrationFindings(declared, { clientId, existing })).toEqual([]);
  });

  it('are disabled together only', () => {
    const declared = both({ enabled: false });
    const existing = registered([role()], [scope()]);
    expect(manifest(declared, { clientId, existing }).appRoles[0]?.isEnabled).toBe(true);
    expect(registrationFindings(declared, { clientId, existing })[0]?.message).toMatch(/the API refuses the app role/);
  });

  it('cannot have an id each in the catalogue', () => {
    expect(registrationFindings(both({ id: one }, { id: two }), { clientId })).toMatchObject([
      { blocks: true, message: expect.stringMatching(/two ids, which Entra refuses/) },
    ]);
  });
});

it('finds an id that is another in the registration', () => {
  const declared = definePermissions({ Read: { application: { ...text, id: two } } });
  const { isDrifted, findings } = drift(declared, registered([role()]));
  expect([isDrifted, findings]).toMatchObject([
    true,
    [{ blocks: true, message: expect.stringContaining(`or write ${one}`) }],
  ]);
});

it.each<[string, () => unknown, RegExp]>([
  ['no client id', () => manifest(permissions, { clientId: 'mail' }), /clientId must be the client id/],
  [
    'the registration of another',
    () => manifest(permissions, { clientId: one, existing: registered([]) }),
    /the registration is of 1{8}-.* give those of one API/,
  ],
  ['no object', () => readRegistration([]), /^The registration must be a JSON object/],
  ['no application', () => readRegistration({ value: [] }), /no appId/],
  ['the older form', () => readRegistration({ appId: clientId, oauth2Permissions: [] }), /az ad app show/],
  ['no list', () => readRegistration({ appId: clientId, appRoles: {} }), /^appRoles must be a list/],
  ['no id', () => registered([role({ id: '1' })]), /^appRoles\[0\]\.id must be a GUID/],
  ['no state', () => registered([], [scope({ isEnabled: 'yes' })]), /oauth2PermissionScopes\[0\]\.isEnabled must be/],
  ['no types', () => registered([role({ allowedMemberTypes: 'User' })]), /allowedMemberTypes must be a list of texts/],
  ['no text', () => registered([role({ displayName: 1 })]), /^appRoles\[0\]\.displayName must be a text/],
])('is not made of %s', (_what, make, message) => {
  expect(make).toThrow(message);
});
