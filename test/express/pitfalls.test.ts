import express, { type Express, type RequestHandler } from 'express';
import { allow, callerOf, definePermissions, problemDetails, publicRoute } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  authority,
  delegated,
  type Grants,
  type Mailbox,
  mailboxRecord,
  otherTenantId,
  permissions,
  servicePrincipalId,
  tenantId,
  texts,
  userId,
} from './api.js';

const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';
const fine: RequestHandler = (_req, res) => void res.json({ fine: true });
const { mailbox } = mailboxRecord();

const route = (...grants: Grants) => apiWith((app) => app.get('/:id', allow(...grants), fine));
const answer = async (app: Express, token?: string, path = '/users') => {
  const { status, body } = await ask(app, path, token);
  return [status, body.code];
};

describe('pitfall', () => {
  it('pitfall 1: a user with an app role of that name and an unrelated scope does not pass the application branch', async () => {
    const app = route(delegated('Mail.Read'), application('Mail.Read'));
    expect(await answer(app, as.user('Mail.Send', { roles: ['Mail.Read'] }))).toEqual([403, 'missing_scope']);
    expect(await answer(route(application('Mail.Read')), as.user('Mail.Read', { roles: ['Mail.Read'] }))).toEqual([
      403,
      'kind_not_accepted_delegated',
    ]);
  });

  it('pitfall 2: an ID token with roles is no daemon', async () => {
    const idToken = authority.application(['Mail.Read'], { nonce: 'n', name: 'Ada', idtyp: undefined });
    expect((await answer(route(application('Mail.Read')), authority.token(idToken)))[0]).toBe(401);
  });

  it("pitfall 3: an agent's empty scp does not make it a user", async () => {
    for (const scp of ['', '/'])
      expect(await answer(route(application('Mail.Read')), as.app(['Mail.Read'], { scp }))).toEqual([200, undefined]);
  });

  it('pitfall 5: an application without roles, which anyone in the tenant can be, is let in nowhere', async () => {
    for (const grant of [
      application('Mail.Read'),
      application('Mailbox.OwnedBy').owned(mailbox),
      application('Mail.Read').when('yes', () => true),
    ])
      for (const claims of [{}, { roles: [] }, { roles: [''] }, { roles: ['Mail.Read '] }])
        expect(await answer(route(grant), as.app([], claims), '/bots')).toEqual([403, 'missing_app_role']);
    expect(await answer(route(delegated('Mail.Read')), as.app([]))).toEqual([403, 'kind_not_accepted_application']);
  });

  it('pitfall 6: roles that a foreign tenant grants itself open nothing', async () => {
    const foreign = { tid: otherTenantId, iss: `${authority.origin}/${otherTenantId}/v2.0` };
    expect(await answer(route(application('Mailbox.All')), as.app(['Mailbox.All'], foreign))).toEqual([
      401,
      'wrong_tenant',
    ]);
    const asked: string[] = [];
    const app = apiWith((each) => each.get('/:id', allow(application('Mailbox.All')), fine), {
      tenants: (tenant: string) => {
        asked.push(tenant);
        return tenant === tenantId;
      },
    });
    expect(await answer(app, as.app(['Mailbox.All'], foreign))).toEqual([401, 'wrong_tenant']);
    expect(asked).toEqual([otherTenantId]);
  });

  it('pitfall 7: a user role that a customer names like an app permission is a user role', async () => {
    const token = as.user('Mail.Send', { roles: ['Mailbox.All', 'Mailbox.OwnedBy', 'Mail.Read'] });
    const app = route(
      application('Mailbox.All'),
      application('Mailbox.OwnedBy').owned(mailbox),
      delegated('Mail.Read'),
    );
    expect(await answer(app, token)).toEqual([403, 'missing_scope']);
  });

  it.each([
    'Mail.ReadWrite',
    'XMail.Read',
    'Mail.Read.All',
    'mail.read',
    'Mail.Read,Mail.Send',
    'Mail',
    '.*',
    'Mail.Read\u00a0',
  ])('pitfall 8: the scope %j is not Mail.Read', async (scp) => {
    expect(await answer(route(delegated('Mail.Read')), as.user(scp))).toEqual([403, 'missing_scope']);
  });

  it.each([
    ['Mail.Read'],
    ['Mail.Read Mail.Send'],
    [{ 'Mail.Read': true }],
    [{ length: 1, 0: 'Mail.Read' }],
    [[['Mail.Read']]],
    [[1]],
    [null],
    [true],
  ])('pitfall 9: roles that are %j are refused, not searched', async (roles) => {
    expect(await answer(route(application('Mail.Read')), as.app([], { roles }))).toEqual([401, 'invalid_claim']);
  });

  it.each([[['Mail.Read']], [{ 0: 'Mail.Read' }], [1], [true], [null]])(
    'pitfall 10: an scp that is %j is a refusal, neither a 500 nor a pass',
    async (scp) => {
      expect(await answer(route(delegated('Mail.Read')), as.user('', { scp }))).toEqual([401, 'invalid_claim']);
    },
  );

  it('pitfall 20: a condition on the client id says nothing of users who come through that client', async () => {
    const azp = 'c0000000-0000-4000-8000-0000000000c2';
    const app = route(application('Mail.Read').when('our own client', ({ caller }) => caller.clientId === azp));
    expect(await answer(app, as.user('Mail.Read', { azp, roles: ['Mail.Read'] }))).toEqual([
      403,
      'kind_not_accepted_delegated',
    ]);
    expect(await answer(app, as.app(['Mail.Read'], { azp }))).toEqual([200, undefined]);
    expect(await answer(app, as.app(['Mail.Read']))).toEqual([403, 'condition_failed']);
  });

  it('pitfall 21: a upn, an address or a name owns nothing', async () => {
    const names = {
      upn: 'owner@contoso.test',
      email: 'owner@contoso.test',
      preferred_username: 'owner@contoso.test',
      name: 'owner@contoso.test',
    };
    const { mailbox: named } = mailboxRecord({ owners: () => ['owner@contoso.test'] as never });
    expect((await answer(route(delegated('Mail.Read').owned(named)), as.user('Mail.Read', names)))[0]).toBe(500);
  });

  it('pitfall 22: one client in two tenants is two owners', async () => {
    const azp = 'c0000000-0000-4000-8000-0000000000c2';
    const { mailbox: known } = mailboxRecord({ tenant: (each) => each.tenantId });
    const app = apiWith(
      (each) => each.get('/:id', allow(application('Mailbox.OwnedBy').owned(known).acrossTenants()), fine),
      { tenants: [tenantId, otherTenantId] },
    );
    const foreign = { tid: otherTenantId, iss: `${authority.origin}/${otherTenantId}/v2.0`, azp };
    expect(await answer(app, as.app(['Mailbox.OwnedBy'], { azp }), '/bots')).toEqual([200, undefined]);
    expect(await answer(app, as.app(['Mailbox.OwnedBy'], foreign), '/bots')).toEqual([403, 'not_owner']);
  });

  it('pitfall 23: sub owns nothing', async () => {
    const app = route(delegated('Mail.Read').owned(mailbox));
    expect(
      await answer(app, as.user('Mail.Read', { sub: userId, oid: 'd0000000-0000-4000-8000-000000000001' })),
    ).toEqual([403, 'not_owner']);
  });

  it('pitfall 24: a list under OwnedBy whose handler forgets the filter does not leave the server', async () => {
    const everything = () => ['users', 'bots'];
    const app = apiWith((each) => {
      const own = () => allow(application('Mailbox.OwnedBy').ownedOnly(mailbox), application('Mailbox.All'));
      each.get('/forgotten', own(), (_req, res) => void res.json(everything()));
      each.get('/filtered', own(), (req, res) => {
        const reach = mailbox.reach(req);
        res.json(reach.kind === 'all' ? everything() : ['bots']);
      });
    });
    for (const token of [as.app(['Mailbox.OwnedBy']), as.app(['Mailbox.All'])]) {
      const forgotten = await ask(app, '/forgotten', token);
      expect([forgotten.status, forgotten.text.includes('users')]).toEqual([500, false]);
    }
    expect((await ask(app, '/filtered', as.app(['Mailbox.OwnedBy']))).body).toEqual(['bots']);
    expect((await ask(app, '/filtered', as.app(['Mailbox.All']))).body).toEqual(['users', 'bots']);
  });

  it('pitfall 25: an owner in body or query is not the owner', async () => {
    const app = apiWith((each) => {
      each.use(express.json());
      each.post(
        '/',
        allow(application('Mailbox.OwnedBy').creates(mailbox)),
        (req, res) => void res.json([callerOf(req).principal, mailbox.reach(req)]),
      );
      each.patch('/:id', allow(application('Mailbox.OwnedBy').owned(mailbox)), fine);
    });
    const principal = { tenantId, objectId: servicePrincipalId };
    const body = { owners: [principal], principal: { tenantId, objectId: userId }, oid: userId, id: 'bots' };
    const created = await ask(app, `/?oid=${userId}&id=bots`, as.app(['Mailbox.OwnedBy']), 'post').send(body);
    expect(created.body).toEqual([principal, { kind: 'owned', by: principal }]);
    const changed = await ask(app, '/users?id=bots', as.app(['Mailbox.OwnedBy']), 'patch').send(body);
    expect(changed.status).toBe(403);
  });

  it('pitfall 26: the handler works on the record that was decided on, not on one that is loaded again', async () => {
    let loads = 0;
    const { mailbox: moving } = mailboxRecord({
      find: (id): Mailbox => ({
        id,
        tenantId,
        owners: [{ tenantId, objectId: loads++ === 0 ? servicePrincipalId : userId }],
      }),
    });
    const app = apiWith((each) => {
      each.get(
        '/:id',
        allow(application('Mailbox.OwnedBy').owned(moving)),
        (req, res) => void res.json([moving.of(req).owners, moving.reach(req)]),
      );
    });
    const by = { tenantId, objectId: servicePrincipalId };
    expect((await ask(app, '/x', as.app(['Mailbox.OwnedBy']))).body).toEqual([[by], { kind: 'owned', by }]);
    expect(loads).toBe(1);
  });

  it('pitfall 27: OwnedBy does not open a route for All, though the caller owns the record', async () => {
    const app = apiWith((each) => each.post('/:id/owners', allow(application('Mailbox.All')), fine));
    const { status, body } = await ask(app, '/bots/owners', as.app(['Mailbox.OwnedBy']), 'post');
    expect([status, body.code]).toEqual([403, 'missing_app_role']);
  });

  it('pitfall 28: one name in both kinds is two permissions', async () => {
    expect(await answer(route(delegated('Mail.Read')), as.app(['Mail.Read']))).toEqual([
      403,
      'kind_not_accepted_application',
    ]);
    expect(await answer(route(application('Mail.Read')), as.user('Mail.Read'))).toEqual([
      403,
      'kind_not_accepted_delegated',
    ]);
  });

  it("pitfall 29: a scope does not go beyond the user's own right", async () => {
    const app = route(delegated('Mail.Read').owned(mailbox));
    expect(await answer(app, as.user('Mail.Read'))).toEqual([200, undefined]);
    expect(await answer(app, as.user('Mail.Read'), '/strangers')).toEqual([403, 'not_owner']);
    const dispatched = route(delegated('Mail.Read').withUserRole('Dispatcher'));
    expect(await answer(dispatched, as.user('Mail.Read'))).toEqual([403, 'missing_user_role']);
  });

  it('pitfall 30: 401 is for the token, 403 for the permission', async () => {
    const app = route(delegated('Mail.Read'));
    expect((await answer(app))[0]).toBe(401);
    expect((await answer(app, as.user('Mail.Read', { exp: 1 })))[0]).toBe(401);
    expect((await answer(app, as.user('x')))[0]).toBe(403);
  });

  it('pitfall 31: a challenge quotes nothing that a caller sent', async () => {
    const nasty = 'x"\r\nSet-Cookie: a=b';
    const { headers, text } = await ask(
      route(delegated('Mail.Read')),
      `/users?x=${encodeURIComponent(nasty)}`,
      as.user(nasty, { name: nasty, roles: [nasty] }),
    );
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['www-authenticate']).toMatch(/^[\x20-\x7e]+$/);
    expect(headers['www-authenticate'] + text).not.toContain('Cookie');
  });

  it.each([
    ['another method', '/x', 'delete'],
    ['a trailing slash', '/X/', 'get'],
    ['another case', '/X', 'get'],
    ['an encoded path', '/%78', 'get'],
    ['two slashes', '//x', 'get'],
    ['HEAD', '/x', 'head'],
    ['a dot segment', '/a/../x', 'get'],
    ['an absolute path', '/x?y=/z', 'get'],
  ] as const)('pitfall 37: %s does not get past the declaration of the route', async (_name, path, method) => {
    const app = apiWith((each) => {
      each.get('/x', allow(application('Mail.Read')), fine);
      each.delete('/x', fine);
      each.use('/admin', allow(application('Mail.Read')));
      each.get('/admin/x', fine);
    });
    const one = await ask(app, path, undefined, method);
    expect(one.status).toBeGreaterThanOrEqual(401);
    for (const prefix of ['/admin', '/ADMIN', '/admin/', '/%61dmin', '//admin'])
      expect((await ask(app, `${prefix}/x`)).status).toBeGreaterThanOrEqual(401);
  });

  it('pitfall 37: a declaration after the handler, or on another path, is none', async () => {
    let ran = 0;
    const count: RequestHandler = (_req, res) => void res.json({ ran: ++ran });
    const app = apiWith((each) => {
      each.get('/early', count);
      each.use(allow(application('Mail.Read')));
    });
    expect([(await ask(app, '/early')).status, ran]).toEqual([500, 0]);
  });

  it('pitfall 38: next is called once, and an error never falls through to a handler', async () => {
    let nexts = 0;
    for (const find of [
      () => Promise.reject(undefined),
      () => Promise.reject('route'),
      () => Promise.reject('router'),
    ]) {
      const { mailbox: failing } = mailboxRecord({ find });
      const app = express().use(authentication());
      const guard = allow(delegated('Mail.Read').owned(failing));
      app.get('/:id', (req, res, next) => guard(req, res, (error) => void [nexts++, next(error)]), fine);
      app.get('/:id', publicRoute(), fine);
      app.use(problemDetails());
      expect((await ask(app, '/x', as.user('Mail.Read'))).status).toBe(500);
    }
    expect(nexts).toBe(0);
    const { mailbox: failing } = mailboxRecord({ find: () => Promise.reject('route') });
    const guard = allow(delegated('Mail.Read').owned(failing));
    const app = express().use(authentication(), publicRoute());
    app
      .get('/:id', (req, res, next) => guard(req, res, (error) => void [nexts++, next(error)]), fine)
      .get('/:id', fine);
    expect((await ask(app, '/x', as.user('Mail.Read'))).status).toBe(500);
    expect(nexts).toBe(1);
  });

  it('pitfall 38: an error handler that goes on does not turn a refusal into an answer', async () => {
    const app = express()
      .use(authentication())
      .get('/:id', allow(delegated('Mail.Read')), fine);
    app.use((_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) => next());
    app.get('/:id', publicRoute(), (_req, res) => void res.json({ secret: true }));
    expect((await ask(app, '/x')).status).toBe(500);
  });

  it('pitfall 39: the caller is there only after every check, and no middleware sees one before', async () => {
    const seen: unknown[] = [];
    const look: RequestHandler = (req, _res, next) => {
      seen.push(attempt(() => callerOf(req).kind));
      next();
    };
    const app = express().use(look, authentication(), look).get('/', publicRoute(), fine);
    app.use((error: Error, req: express.Request, _res: express.Response, next: express.NextFunction) => {
      seen.push(attempt(() => callerOf(req).kind));
      next(error);
    });
    await ask(app, '/', as.user('x', { exp: 1 }));
    expect(seen).toEqual(['ConfigurationError', 'ConfigurationError']);
    seen.splice(0);
    await ask(app, '/', as.user('x'));
    expect(seen).toEqual(['ConfigurationError', 'delegated']);
  });

  it.each([
    ['in the query', (app: Express, token: string) => ask(app, `/users?access_token=${token}`), 401],
    ['in the body', (app: Express, token: string) => ask(app, '/users').send(`access_token=${token}`), 401],
    ['in a cookie', (app: Express, token: string) => ask(app, '/users').set('Cookie', `access_token=${token}`), 401],
    [
      'in another header',
      (app: Express, token: string) => ask(app, '/users').set('X-Authorization', `Bearer ${token}`),
      401,
    ],
    [
      'after two blanks',
      (app: Express, token: string) => ask(app, '/users').set('Authorization', `bearer  ${token}`),
      200,
    ],
    [
      'with another after a comma',
      (app: Express, token: string) => ask(app, '/users').set('Authorization', `Bearer ${token}, Bearer ${token}`),
      400,
    ],
    [
      'after a word that begins so',
      (app: Express, token: string) => ask(app, '/users').set('Authorization', `BearerX ${token}`),
      401,
    ],
    ['as Basic', (app: Express, token: string) => ask(app, '/users').set('Authorization', `Basic ${token}`), 401],
  ] as const)('pitfall 40: a token %s', async (_name, send, status) => {
    expect((await send(route(delegated('Mail.Read')), as.user('Mail.Read'))).status).toBe(status);
  });

  it('pitfall 41: neither an application of the personal tenant nor a caller without oid is let in', async () => {
    const app = apiWith((each) => each.get('/:id', allow(application('Mail.Read'), delegated('Mail.Read')), fine), {
      tenants: 'any',
      personalAccounts: true,
    });
    const personal = { tid: personalTenant, iss: `${authority.origin}/${personalTenant}/v2.0` };
    expect(await answer(app, as.app(['Mail.Read'], personal))).toEqual([401, 'personal_application']);
    for (const oid of [undefined, '', 'ada', null]) {
      expect(await answer(route(application('Mail.Read')), as.app(['Mail.Read'], { oid }))).toEqual([
        401,
        'invalid_claim',
      ]);
      expect(await answer(route(delegated('Mail.Read')), as.user('Mail.Read', { oid }))).toEqual([
        401,
        'invalid_claim',
      ]);
    }
  });

  it('pitfall 42: an empty demand stops the start', () => {
    const anything = allow as unknown as (...values: unknown[]) => unknown;
    const byHand = {
      ...application('Mail.Read'),
      kind: 'application',
      permissions: [],
      catalogue: permissions.catalogue,
    };
    for (const none of [[], [undefined], [null], [[]], [{}], [byHand]])
      expect(() => anything(...none)).toThrow(/allow/);
    expect(() => definePermissions({} as never)).toThrow(/empty/);
    expect(() => definePermissions({ A: { application: { ...texts, description: '' } } })).toThrow(/description/);
  });
});

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).name;
  }
}
