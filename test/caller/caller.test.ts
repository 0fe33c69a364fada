import { inspect } from 'node:util';
import express, { type Express } from 'express';
import {
  type AuthenticateOptions,
  authenticate,
  type Caller,
  callerOf,
  definePermissions,
  publicRoute,
} from 'express-app-roles';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  callerClientId,
  clientId,
  servicePrincipalId,
  startAuthority,
  tenantId,
  userId,
} from '../support/authority.js';

const homeTenant = '22222222-1111-4111-8111-111111111111';
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';
const blueprint = 'b1000000-0000-4000-8000-000000000001';
const agentId = 'a9e00000-0000-4000-8000-000000000001';

let authority: Authority;
let app: Express;
const seen: Caller[] = [];

beforeAll(async () => {
  authority = await startAuthority();
  app = express();
  const permissions = definePermissions({
    'Mail.Read': { application: { displayName: 'Read mail', description: 'Lets the app read mail.' } },
  });
  const options = { tenants: 'any', personalAccounts: true, testAuthority: authority.origin, clientId, permissions };
  app.use(authenticate(options as AuthenticateOptions));
  app.get('/', publicRoute(), (req, res) => {
    seen.push(callerOf(req));
    res.json({});
  });
});
afterAll(() => authority.close());

async function callerFor(token: string): Promise<Caller> {
  seen.length = 0;
  await request(app).get('/').set('Authorization', `Bearer ${token}`).expect(200);
  return seen[0] as Caller;
}

const v1 = (claims: Claims) => asV1(claims, authority.origin);
const from = (claims: Claims) => callerFor(authority.token(claims));
const user = (claims: Claims = {}) => authority.user('Mail.Read', claims);
const application = (claims: Claims = {}) => authority.application(['Mail.Read'], claims);

describe('the kinds of tokens that Entra issues', () => {
  const { '0': none, '1': secret, '2': certificate } = { '0': 'none', '1': 'secret', '2': 'certificate' } as const;
  const delegated = { kind: 'delegated', principal: { tenantId, objectId: userId }, clientId: callerClientId };
  const byItself = {
    kind: 'application',
    principal: { tenantId, objectId: servicePrincipalId },
    clientId: callerClientId,
    kindFrom: 'idtyp',
  };
  const agentClaims = { azp: agentId, azpacr: '2', xms_act_fct: '3 9 11', xms_par_app_azp: blueprint };

  test.each<[string, () => Claims, object]>([
    [
      '(a) v1.0, delegated',
      () => ({
        ...v1(authority.user('access_as_user Files.Read')),
        acr: '1',
        amr: ['pwd', 'mfa'],
        unique_name: 'ada@contoso.test',
        upn: 'ada@contoso.test',
      }),
      {
        ...delegated,
        kindFrom: 'inferred',
        scopes: ['access_as_user', 'Files.Read'],
        userRoles: [],
        tokenVersion: '1.0',
        clientAuthentication: none,
        account: 'work',
        guest: undefined,
        agent: undefined,
      },
    ],
    [
      '(b) v2.0, delegated',
      () => authority.user('access_as_user', { idtyp: 'user' }),
      { ...delegated, kindFrom: 'idtyp', scopes: ['access_as_user'], tokenVersion: '2.0', clientAuthentication: none },
    ],
    [
      '(c) app-only with roles',
      () => authority.application(['Application.ReadWrite.OwnedBy'], { azpacr: '2' }),
      { ...byItself, appRoles: ['Application.ReadWrite.OwnedBy'], clientAuthentication: certificate, agent: undefined },
    ],
    [
      '(d) app-only without roles',
      () => authority.application([]),
      { ...byItself, appRoles: [], clientAuthentication: secret },
    ],
    [
      '(e) a guest',
      () => ({ ...v1(user()), idp: `https://sts.windows.net/${homeTenant}/`, email: 'ada@fabrikam.test' }),
      { ...delegated, guest: true, account: 'work' },
    ],
    ['(e) a guest, by acct', () => ({ ...v1(user()), acct: 1 }), { ...delegated, guest: true }],
    [
      '(f) a guest with a personal account',
      () => ({ ...v1(user()), idp: 'live.com' }),
      { guest: true, account: 'work' },
    ],
    [
      '(f) a guest of the personal-accounts tenant',
      () => ({ ...v1(user()), idp: `https://sts.windows.net/${personal}/` }),
      { guest: true, account: 'work' },
    ],
    [
      '(g) a personal account',
      () =>
        user({
          tid: personal,
          iss: `${authority.origin}/${personal}/v2.0`,
          oid: '00000000-0000-0000-d856-474049a1aad0',
          idp: 'live.com',
        }),
      { kind: 'delegated', account: 'personal', guest: undefined, tenantId: personal },
    ],
    [
      '(h) a managed identity',
      () => ({
        ...v1(application({ azpacr: '2', exp: Math.floor(Date.now() / 1000) + 86_700 })),
        xms_mirid: '/subscriptions/s',
      }),
      { ...byItself, tokenVersion: '1.0', clientAuthentication: certificate, appRoles: ['Mail.Read'] },
    ],
    [
      '(i) a user with scp and roles',
      () => authority.user('profile.basic', { roles: ['Files.Read.All'] }),
      { ...delegated, scopes: ['profile.basic'], userRoles: ['Files.Read.All'] },
    ],
    [
      '(k) an autonomous agent',
      () =>
        v1(
          authority.application(['Mail.Read'], {
            ...agentClaims,
            sub: 'another',
            xms_sub_fct: '9 3 11',
            xms_idrel: '7 10',
            xms_tnt_fct: '3 9',
            scp: '/',
          }),
        ),
      { ...byItself, clientId: agentId, appRoles: ['Mail.Read'], agent: { acts: 'as-itself', blueprintId: blueprint } },
    ],
    [
      '(l) an agent for a human',
      () => user({ ...agentClaims, idtyp: 'user', xms_sub_fct: '3', xms_idrel: '1' }),
      { kind: 'delegated', clientId: agentId, guest: false, agent: { acts: 'for-a-user', blueprintId: blueprint } },
    ],
    [
      "(m) an agent's own user account",
      () => user({ ...agentClaims, idtyp: 'user', xms_sub_fct: '13 3', xms_par_app_azp: undefined }),
      { kind: 'delegated', clientId: agentId, agent: { acts: 'as-its-user', blueprintId: undefined } },
    ],
  ])('%s', async (_name, claims, expected) => {
    expect({ ...(await from(claims())) }).toMatchObject(expected);
  });

  test('(j) an ID token is refused', async () => {
    const { azp, azpacr, scp, ...claims } = user({ roles: ['Mail.Read'] });
    await request(app)
      .get('/')
      .set('Authorization', `Bearer ${authority.token(claims)}`)
      .expect(401);
  });

  test('a delegated caller has no appRoles, an application no scopes, user roles, account or guest', async () => {
    expect(Object.keys(await from(user({ roles: ['Mail.Read'] })))).not.toContain('appRoles');
    expect(Object.keys(await from(application()))).toEqual(
      expect.not.arrayContaining(['scopes', 'userRoles', 'account', 'guest']),
    );
  });
});

describe('a guest', () => {
  const idp = (tid: string) => `https://sts.windows.net/${tid}/`;
  test.each([
    ['nothing is said', {}, undefined],
    ['acct 0', { acct: 0 }, false],
    ['acct 1', { acct: 1 }, true],
    ['acct "0"', { acct: '0' }, false],
    ['acct "1"', { acct: '1' }, true],
    ['acct 0 before idp', { acct: 0, idp: idp(homeTenant) }, false],
    ['acct 1 before the relation', { acct: 1, xms_idrel: '1' }, true],
    ['a member by relation', { xms_idrel: '1' }, false],
    ['a guest by relation', { xms_idrel: '5' }, true],
    ['a guest by relation before idp', { xms_idrel: '5', idp: idp(tenantId) }, true],
    ['a member by relation before idp', { xms_idrel: '1', idp: idp(homeTenant) }, false],
    ['15 is neither 1 nor 5', { xms_idrel: '15' }, undefined],
    ['the same tenant by its other issuer', { idp: idp(tenantId) }, false],
    ['the same tenant in capitals', { idp: idp(tenantId.toUpperCase()) }, false],
    ['another tenant', { idp: idp(homeTenant) }, true],
    ['a personal account', { idp: 'live.com' }, true],
    ['another provider', { idp: 'google.com' }, true],
  ])('%s: %#', async (_name, claims, expected) => {
    for (const each of [user(claims), v1(user(claims))]) {
      expect(await from(each)).toHaveProperty('guest', expected);
    }
  });

  test('is not someone whose identity provider is the issuer itself', async () => {
    expect(await from(user({ idp: `${authority.origin}/${tenantId}/v2.0` }))).toHaveProperty('guest', false);
  });
});

describe('how the client proved itself', () => {
  test.each([
    ['0', 'none'],
    ['1', 'secret'],
    ['2', 'certificate'],
    ['3', 'unknown'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('%s is %s', async (azpacr, expected) => {
    expect((await from(application({ azpacr }))).clientAuthentication).toBe(expected);
    expect((await from(v1(application({ azpacr })))).clientAuthentication).toBe(expected);
  });

  test('is read from the claim of its own version', async () => {
    expect((await from(application({ azpacr: undefined, appidacr: '2' }))).clientAuthentication).toBe('unknown');
  });
});

describe('an agent', () => {
  test.each([
    ['no facets', {}, undefined],
    ['other facets', { xms_act_fct: '3 9' }, undefined],
    ['111 is not 11', { xms_act_fct: '111 1 1' }, undefined],
    ['unordered facets', { xms_act_fct: '9 11 3' }, 'for-a-user'],
    ['a blueprint alone', { xms_par_app_azp: blueprint }, 'for-a-user'],
    ['an agent user', { xms_act_fct: '11', xms_sub_fct: '3 13' }, 'as-its-user'],
    ['a subject facet alone', { xms_sub_fct: '13' }, undefined],
  ])('%s', async (_name, claims, expected) => {
    expect((await from(user({ idtyp: 'user', ...claims }))).agent?.acts).toBe(expected);
  });
});

describe('v1.0 and v2.0', () => {
  test('give the same caller but for the version', async () => {
    for (const claims of [user({ roles: ['Admin'] }), application()]) {
      const [two, one] = [await from(claims), await from(v1(claims))];
      expect({ ...one, tokenVersion: '2.0' }).toEqual({ ...two });
    }
  });

  test('identify in lower case, whatever the token writes', async () => {
    const claims = application({
      tid: tenantId.toUpperCase(),
      iss: `${authority.origin}/${tenantId.toUpperCase()}/v2.0`,
      oid: servicePrincipalId.toUpperCase(),
      azp: callerClientId.toUpperCase(),
      xms_par_app_azp: blueprint.toUpperCase(),
    });
    expect(await from(claims)).toMatchObject({
      tenantId,
      clientId: callerClientId,
      principal: { tenantId, objectId: servicePrincipalId },
      agent: { blueprintId: blueprint },
    });
  });

  test('split scopes at blanks only, keep them as they are written, and drop "/"', async () => {
    const caller = await from(authority.user(' Mail.Read  mail.read / Mail.Read\tAdmin,Mail.Send '));
    expect(caller).toHaveProperty('scopes', ['Mail.Read', 'mail.read', 'Mail.Read\tAdmin,Mail.Send']);
  });

  test('keep roles as they are written', async () => {
    const caller = await from(authority.application(['Mail.Read Admin', 'mail.read', '']));
    expect(caller).toHaveProperty('appRoles', ['Mail.Read Admin', 'mail.read', '']);
  });

  test('carry the token id, its times and all its claims', async () => {
    const claims = user({ uti: 'CaSe', custom: { deep: ['value'] } });
    const caller = await from(claims);
    expect(caller).toMatchObject({ tokenId: 'CaSe', issuedAt: claims.iat, expiresAt: claims.exp });
    expect(caller.claims).toEqual(claims);
  });
});

describe('a caller', () => {
  const sentinel = 'SENTINEL';
  const marked = (claims: Claims) => ({
    ...claims,
    name: `${sentinel}-name`,
    email: `${sentinel}-email`,
    sub: `${sentinel}-sub`,
    family_name: `${sentinel}-family`,
    ipaddr: `${sentinel}-ip`,
    groups: [`${sentinel}-group`],
    idp: `${sentinel}-idp`,
    roles: [`${sentinel}-role`],
    custom: { deep: [`${sentinel}-deep`] },
  });
  const ofUser = () =>
    from({
      ...marked(authority.user(`${sentinel}-scope`)),
      preferred_username: `${sentinel}-upn`,
      upn: `${sentinel}-upn`,
    });
  const ofApplication = () => from(marked(application({ idtyp: 'app' })));

  test.each([
    ['inspect', (caller: Caller) => inspect(caller)],
    ['inspect of all there is', (caller: Caller) => inspect(caller, { depth: null, showHidden: true, getters: true })],
    ['inspect of what holds it', (caller: Caller) => inspect({ nested: { caller, list: [caller] } }, { depth: null })],
    ['JSON', (caller: Caller) => JSON.stringify(caller)],
    ['JSON of what holds it', (caller: Caller) => JSON.stringify({ caller })],
    ['text', (caller: Caller) => `${caller}`],
  ])('shows no claim of a person in %s', async (_name, print) => {
    for (const caller of [await ofUser(), await ofApplication()]) {
      const printed = print(caller);
      expect(printed).not.toContain(sentinel);
      expect(printed).not.toContain(caller.principal.objectId);
    }
  });

  test('shows what a log needs', async () => {
    const caller = await ofApplication();
    expect(JSON.parse(JSON.stringify(caller))).toEqual({
      kind: 'application',
      kindFrom: 'idtyp',
      tenantId,
      clientId: callerClientId,
      tokenId: 'token-id',
    });
  });

  test('does not hand its claims on when it is copied', async () => {
    const caller = await ofUser();
    expect({ ...caller }).not.toHaveProperty('claims');
    expect(JSON.stringify(structuredClone(caller))).not.toContain(`${sentinel}-name`);
  });

  test('cannot be changed, nor can anything that is reached from it', async () => {
    for (const caller of [
      await ofUser(),
      await ofApplication(),
      await from(user({ idtyp: 'user', xms_act_fct: '11' })),
    ]) {
      for (const each of reachable(caller)) {
        expect(Object.isFrozen(each)).toBe(true);
        expect(each).not.toBeInstanceOf(Map);
        expect(each).not.toBeInstanceOf(Set);
      }
    }
  });
});

function reachable(value: unknown, found = new Set<object>(), receiver = value): Set<object> {
  const isShared = value === Object.prototype || value === Array.prototype || typeof value === 'function';
  if (typeof value !== 'object' || value === null || isShared || found.has(value)) return found;
  found.add(value);
  for (const name of Reflect.ownKeys(value)) reachable(Reflect.get(value, name, receiver), found);
  return reachable(Object.getPrototypeOf(value), found, receiver);
}
