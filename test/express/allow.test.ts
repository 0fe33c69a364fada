import express, { type Express } from 'express';
import {
  allow,
  callerIfAny,
  callerOf,
  decisionOf,
  definePermissions,
  describeGrant,
  type Grant,
  problemDetails,
  publicRoute,
} from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  authority,
  clientId,
  delegated,
  type Grants,
  mailboxRecord,
  routeWith,
  servicePrincipalId,
  tellError,
  tenantId,
  texts,
  userId,
} from './api.js';

const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';
const { mailbox } = mailboxRecord();
const { mailbox: hidden } = mailboxRecord({ name: 'hidden', notOwner: 'not-found' });

describe('who is let in', () => {
  const user = (scp: string, claims?: object) => () => as.user(scp, { ...claims });
  const app = (roles: string[], claims?: object) => () => as.app(roles, { ...claims });

  it.each<[name: string, grants: Grants, token: () => string, path: string, status: number, code?: string]>([
    ['a user with the scope', [delegated('Mail.Read')], user('Mail.Read'), 'users', 200],
    ['a user with more scopes', [delegated('Mail.Read')], user('x Mail.Read y'), 'users', 200],
    ['a user without it', [delegated('Mail.Read')], user('Mail.Write'), 'users', 403, 'missing_scope'],
    ['a scope in another case', [delegated('Mail.Read')], user('mail.read'), 'users', 403, 'missing_scope'],
    ['a longer scope', [delegated('Mail.Read')], user('Mail.ReadWrite'), 'users', 403, 'missing_scope'],
    ['a shorter scope', [delegated('Mail.Read')], user('Mail.Rea'), 'users', 403, 'missing_scope'],
    [
      'scopes glued with a comma',
      [delegated('Mail.Read')],
      user('Mail.Read,Mail.Write'),
      'users',
      403,
      'missing_scope',
    ],
    ['a scope after a tab', [delegated('Mail.Read')], user('x\tMail.Read'), 'users', 403, 'missing_scope'],
    ['an application with the role', [application('Mail.Read')], app(['Mail.Read']), 'users', 200],
    ['an application without it', [application('Mail.Read')], app(['Mail.Write']), 'users', 403, 'missing_app_role'],
    ['an application without any', [application('Mail.Read')], app([]), 'users', 403, 'missing_app_role'],
    ['a role in another case', [application('Mail.Read')], app(['MAIL.READ']), 'users', 403, 'missing_app_role'],
    [
      'a user where only applications may',
      [application('Mail.Read')],
      user('Mail.Read'),
      'users',
      403,
      'kind_not_accepted_delegated',
    ],
    [
      'an application where only users may',
      [delegated('Mail.Read')],
      app(['Mail.Read']),
      'users',
      403,
      'kind_not_accepted_application',
    ],
    [
      "a user's role of that name",
      [application('Mail.Read')],
      user('x', { roles: ['Mail.Read'] }),
      'users',
      403,
      'kind_not_accepted_delegated',
    ],
    [
      "a user's role named like the scope",
      [delegated('Mail.Read')],
      user('x', { roles: ['Mail.Read'] }),
      'users',
      403,
      'missing_scope',
    ],
    [
      'one of two permissions',
      [delegated('Mail.Read').and('Mail.Send')],
      user('Mail.Read'),
      'users',
      403,
      'missing_scope',
    ],
    ['the other of two', [delegated('Mail.Read').and('Mail.Send')], user('Mail.Send'), 'users', 403, 'missing_scope'],
    ['both of two', [delegated('Mail.Read').and('Mail.Send')], user('Mail.Send Mail.Read'), 'users', 200],
    [
      'one of two app roles',
      [application('Mail.Read').and('Mail.Send')],
      app(['Mail.Send']),
      'users',
      403,
      'missing_app_role',
    ],
    [
      'a scope and the user role',
      [delegated('Mail.Read').withUserRole('Dispatcher')],
      user('Mail.Read', { roles: ['Dispatcher'] }),
      'users',
      200,
    ],
    [
      'a scope without the user role',
      [delegated('Mail.Read').withUserRole('Dispatcher')],
      user('Mail.Read'),
      'users',
      403,
      'missing_user_role',
    ],
    [
      'a user role without the scope',
      [delegated('Mail.Read').withUserRole('Dispatcher')],
      user('x', { roles: ['Dispatcher'] }),
      'users',
      403,
      'missing_scope',
    ],
    [
      'a user role as a scope',
      [delegated('Mail.Read').withUserRole('Dispatcher')],
      user('Mail.Read Dispatcher'),
      'users',
      403,
      'missing_user_role',
    ],
    [
      'a user role switched off',
      [delegated('Mail.Read').withUserRole('Retired')],
      user('Mail.Read', { roles: ['Retired'] }),
      'users',
      403,
      'permission_disabled',
    ],
    ['a scope switched off', [delegated('Old.Read')], user('Old.Read'), 'users', 403, 'permission_disabled'],
    ['an app role switched off', [application('Old.Read')], app(['Old.Read']), 'users', 403, 'permission_disabled'],
    [
      'one of two switched off',
      [delegated('Mail.Read').and('Old.Read')],
      user('Mail.Read Old.Read'),
      'users',
      403,
      'permission_disabled',
    ],
    ['an owner', [delegated('Mail.Read').owned(mailbox)], user('Mail.Read'), 'users', 200],
    [
      'an owner that is an application',
      [application('Mailbox.OwnedBy').owned(mailbox)],
      app(['Mailbox.OwnedBy']),
      'bots',
      200,
    ],
    [
      'an owner by a GUID in upper case',
      [delegated('Mail.Read').owned(mailbox)],
      user('Mail.Read', { oid: userId.toUpperCase() }),
      'users',
      200,
    ],
    ['no owner', [delegated('Mail.Read').owned(mailbox)], user('Mail.Read'), 'strangers', 403, 'not_owner'],
    [
      "the user's own is not the application's",
      [application('Mailbox.OwnedBy').owned(mailbox)],
      app(['Mailbox.OwnedBy']),
      'users',
      403,
      'not_owner',
    ],
    [
      'a record that is not there',
      [delegated('Mail.Read').owned(mailbox)],
      user('Mail.Read'),
      'nothing',
      404,
      'not_found',
    ],
    [
      'a hidden record of another',
      [delegated('Mail.Read').owned(hidden)],
      user('Mail.Read'),
      'strangers',
      404,
      'not_found',
    ],
    [
      'a record that is not there, for a wide grant',
      [application('Mailbox.OwnedBy').owned(mailbox), application('Mailbox.All')],
      app(['Mailbox.All']),
      'nothing',
      404,
      'not_found',
    ],
    [
      'a wide grant beside an owned one',
      [application('Mailbox.OwnedBy').owned(mailbox), application('Mailbox.All')],
      app(['Mailbox.All']),
      'strangers',
      200,
    ],
    [
      'All is no OwnedBy unless it is listed',
      [application('Mailbox.OwnedBy').owned(mailbox)],
      app(['Mailbox.All']),
      'bots',
      403,
      'missing_app_role',
    ],
    [
      'an absent record, for a caller without permission',
      [delegated('Mail.Read').owned(mailbox)],
      user('x'),
      'nothing',
      403,
      'missing_scope',
    ],
    [
      'a record named __proto__',
      [delegated('Mail.Read').owned(mailbox)],
      user('Mail.Read'),
      '__proto__',
      404,
      'not_found',
    ],
    [
      'a record named constructor',
      [delegated('Mail.Read').owned(mailbox)],
      user('Mail.Read'),
      'constructor',
      404,
      'not_found',
    ],
    [
      'a scope named __proto__',
      [delegated('Mail.Read')],
      user('__proto__ constructor toString'),
      'users',
      403,
      'missing_scope',
    ],
    [
      'roles named __proto__',
      [application('Mail.Read')],
      app(['__proto__', 'constructor']),
      'users',
      403,
      'missing_app_role',
    ],
    [
      'a wide delegated grant beside an owned one',
      [delegated('Mail.Read').owned(mailbox), delegated('Mail.Write').onAnyRecord()],
      user('Mail.Write'),
      'strangers',
      200,
    ],
  ])('%s', async (_name, grants, token, path, status, code) => {
    const answer = await ask(routeWith(grants), `/mailboxes/${path}`, token());
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each([
    ['a work permission', 'Mail.Read', 403, 'personal_account'],
    ['a permission for personal accounts', 'Personal.Read', 200, undefined],
    ['another scope', 'Mail.Write', 403, 'missing_scope'],
  ])('a personal account with %s', async (_name, scope, status, code) => {
    const grants: Grants = [delegated('Mail.Read'), delegated('Personal.Read')];
    const app = routeWith(grants, { tenants: 'any', personalAccounts: true });
    const { origin } = authority;
    const token = as.user(scope, { tid: personalTenant, iss: `${origin}/${personalTenant}/v2.0` });
    const answer = await ask(app, '/mailboxes/users', token);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('both of two permissions must be for personal accounts', async () => {
    const app = routeWith([delegated('Personal.Read').and('Mail.Read')], { tenants: 'any', personalAccounts: true });
    const { origin } = authority;
    const token = as.user('Personal.Read Mail.Read', { tid: personalTenant, iss: `${origin}/${personalTenant}/v2.0` });
    const answer = await ask(app, '/mailboxes/users', token);
    expect([answer.status, answer.body.code]).toEqual([403, 'personal_account']);
  });
});

describe('the challenge of a refusal', () => {
  const realm = `Bearer realm="${clientId}"`;

  it('is bare where no credential came', async () => {
    const answer = await ask(routeWith([delegated('Mail.Read')]), '/mailboxes/users');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, realm]);
  });

  it.each<[name: string, grants: Grants, token: () => string, scope: string]>([
    ['names the scope', [delegated('Mail.Read')], () => as.user('x'), 'Mail.Read'],
    ['names the first of two', [delegated('Mail.Read'), delegated('Mail.Write')], () => as.user('x'), 'Mail.Read'],
    ['skips application grants', [application('App.Only'), delegated('Mail.Write')], () => as.user('x'), 'Mail.Write'],
    ['names both of an all-of', [delegated('Mail.Read').and('Mail.Send')], () => as.user('x'), 'Mail.Read Mail.Send'],
  ])('%s that a user lacks', async (_name, grants, token, scope) => {
    const answer = await ask(routeWith(grants), '/mailboxes/users', token());
    expect(answer.headers['www-authenticate']).toBe(
      `${realm}, error="insufficient_scope", error_description="The token lacks a delegated permission (scp) of this operation.", scope="${scope}"`,
    );
  });

  it('names no scope to an application', async () => {
    const answer = await ask(
      routeWith([delegated('User.Only'), application('Mail.Read')]),
      '/mailboxes/users',
      as.app([]),
    );
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer realm=".*", error="insufficient_scope", error_description="[^"]*"$/,
    );
  });

  it('names no scope to a user where no user may call', async () => {
    const answer = await ask(routeWith([application('Mail.Read')]), '/mailboxes/users', as.user('x'));
    expect(answer.headers['www-authenticate']).not.toContain('scope="');
  });

  it.each<[name: string, grants: Grants, path: string]>([
    ['the record is not theirs', [delegated('Mail.Read').owned(mailbox)], 'strangers'],
    ['a condition fails', [delegated('Mail.Read').when('never', () => false)], 'users'],
    ['the user role is missing', [delegated('Mail.Read').withUserRole('Dispatcher')], 'users'],
    ['the record is not there', [delegated('Mail.Read').owned(mailbox)], 'nothing'],
  ])('is absent where the permission is held, but %s', async (_name, grants, path) => {
    const answer = await ask(routeWith(grants), `/mailboxes/${path}`, as.user('Mail.Read'));
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(answer.status).toBeGreaterThanOrEqual(403);
  });
});

describe('the order of grants', () => {
  const grants: Record<string, Grant> = {
    own: application('Mailbox.OwnedBy').owned(mailbox),
    all: application('Mailbox.All'),
    users: delegated('Mail.Read').owned(mailbox),
    never: application('Mail.Write').when('never', () => false),
  };
  const callers = [
    as.app(['Mailbox.OwnedBy', 'Mailbox.All']),
    as.app(['Mailbox.OwnedBy']),
    as.app(['Mailbox.All', 'Mail.Write']),
    as.app(['Mail.Write']),
    as.app([]),
    as.user('Mail.Read'),
    as.user('x'),
  ];

  it('never changes an outcome, a decision or a reach', async () => {
    const outcomes = new Set<string>();
    for (const order of permutations(Object.values(grants))) {
      const app = apiWith((each) => {
        each.get('/mailboxes/:id', allow(...(order as unknown as Grants)), (req, res) => {
          const { grant, permissions } = decisionOf(req);
          res.json({ grant: describeGrant(grant), permissions: [...permissions].sort(), reach: mailbox.reach(req) });
        });
      });
      const answers = [];
      for (const token of callers)
        for (const id of ['bots', 'users', 'strangers', 'nothing']) {
          const { status, body } = await ask(app, `/mailboxes/${id}`, token);
          answers.push([status, body]);
        }
      outcomes.add(JSON.stringify(answers));
    }
    expect(outcomes.size).toBe(1);
  });

  it('a caller with both OwnedBy and All has the wider reach', async () => {
    for (const order of permutations([grants.own, grants.all])) {
      const app = apiWith((each) => {
        each.get('/:id', allow(...(order as unknown as Grants)), (req, res) => void res.json(mailbox.reach(req)));
      });
      const both = await ask(app, '/bots', as.app(['Mailbox.OwnedBy', 'Mailbox.All']));
      const own = await ask(app, '/bots', as.app(['Mailbox.OwnedBy']));
      expect(both.body).toEqual({ kind: 'all' });
      expect(own.body).toEqual({ kind: 'owned', by: { tenantId, objectId: servicePrincipalId } });
    }
  });
});

describe('a condition', () => {
  const answers: [name: string, answer: () => unknown, status: number][] = [
    ['true', () => true, 200],
    ['false', () => false, 403],
    ['undefined', () => undefined, 403],
    ['1', () => 1, 403],
    ["'true'", () => 'true', 403],
    ['an object', () => ({}), 403],
    ['new Boolean(true)', () => new Boolean(true), 403],
    ['a promise of true', async () => true, 403],
    ['a promise of false', async () => false, 403],
    ['a promise that rejects', async () => Promise.reject(new Error('rejected')), 403],
    ['an error', () => fail(new Error('thrown')), 500],
    ['a thrown undefined', () => fail(undefined), 500],
    ["a thrown 'route'", () => fail('route'), 500],
    ["a thrown 'router'", () => fail('router'), 500],
  ];

  it.each(answers)('that gives %s', async (_name, answer, status) => {
    const grants: Grants = [delegated('Mail.Read').when('it', answer as () => boolean)];
    expect((await ask(routeWith(grants), '/mailboxes/users', as.user('Mail.Read'))).status).toBe(status);
  });

  it.each(answers)('on an owned record that gives %s', async (_name, answer, status) => {
    const grants: Grants = [
      delegated('Mail.Read')
        .owned(mailbox)
        .when('it', answer as () => boolean),
    ];
    expect((await ask(routeWith(grants), '/mailboxes/users', as.user('Mail.Read'))).status).toBe(status);
  });

  it('is given the caller, the owned record and the request', async () => {
    const grant = delegated('Mail.Read')
      .owned(mailbox)
      .when(
        'three facts',
        ({ caller, record, req }) =>
          caller.scopes.includes('Mail.Read') && record.id === 'users' && req.method === 'GET',
      );
    expect((await ask(routeWith([grant]), '/mailboxes/users', as.user('Mail.Read'))).status).toBe(200);
  });

  it('is not asked of a caller who lacks the permission, nor of one who does not own the record', async () => {
    let asked = 0;
    const grant = delegated('Mail.Read')
      .owned(mailbox)
      .when('count', () => ++asked > 0);
    await ask(routeWith([grant]), '/mailboxes/users', as.user('x'));
    await ask(routeWith([grant]), '/mailboxes/strangers', as.user('Mail.Read'));
    expect(asked).toBe(0);
  });

  it('must hold beside every other one', async () => {
    const grant = delegated('Mail.Read')
      .when('yes', () => true)
      .when('no', () => false);
    expect((await ask(routeWith([grant]), '/mailboxes/users', as.user('Mail.Read'))).body.code).toBe(
      'condition_failed',
    );
  });
});

describe('several allow', () => {
  const two = (first: Grants, second: Grants) =>
    apiWith((app) => {
      app.get('/:id', allow(...first), allow(...second), (_req, res) => void res.json({ in: true }));
    });

  it.each([
    ['both hold', 'Mail.Read Mail.Send', 200],
    ['only the first holds', 'Mail.Read', 403],
    ['only the second holds', 'Mail.Send', 403],
    ['none holds', 'x', 403],
  ])('on one request: %s', async (_name, scp, status) => {
    const app = two([delegated('Mail.Read')], [delegated('Mail.Send')]);
    expect((await ask(app, '/users', as.user(scp))).status).toBe(status);
  });

  it('must all pass, also where an error handler swallows the second refusal', async () => {
    const app = apiWith((each) => {
      each.get(
        '/:id',
        allow(delegated('Mail.Read')),
        allow(delegated('Mail.Send')),
        (_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) => next(),
        (_req: express.Request, res: express.Response) => void res.json({ secret: true }),
      );
    });
    const answer = await ask(app, '/users', as.user('Mail.Read'));
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
  });

  it('must all pass, also where one route says publicRoute too', async () => {
    const app = apiWith((each) => {
      each.get('/:id', publicRoute(), allow(delegated('Mail.Read')), (_req, res) => void res.json({ in: true }));
    });
    expect((await ask(app, '/users')).status).toBe(401);
    expect((await ask(app, '/users', as.user('x'))).status).toBe(403);
    expect((await ask(app, '/users', as.user('Mail.Read'))).status).toBe(200);
  });

  it('give the narrowest of their reaches', async () => {
    const app = apiWith((each) => {
      each.get(
        '/',
        allow(application('Mailbox.All')),
        allow(application('Mailbox.OwnedBy').ownedOnly(mailbox)),
        (req, res) => void res.json(mailbox.reach(req)),
      );
    });
    const answer = await ask(app, '/', as.app(['Mailbox.All', 'Mailbox.OwnedBy']));
    expect(answer.body.kind).toBe('owned');
  });
});

describe('what a handler reads', () => {
  const grants: Grants = [delegated('Mail.Read').owned(mailbox), application('Mail.Read')];
  const answering = (read: (req: express.Request) => unknown): Express => {
    const app = express();
    app.use(authentication());
    app.get('/public', publicRoute(), (req, res) => void res.json({ read: read(req) ?? null }));
    app.get('/mailboxes/:id', allow(...grants), (req, res) => void res.json({ read: read(req) ?? null }));
    app.use(problemDetails(), tellError);
    return app;
  };

  it('callerOf gives the caller', async () => {
    const app = answering((req) => callerOf(req).principal);
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).body.read).toEqual({
      tenantId,
      objectId: userId,
    });
    expect((await ask(app, '/public', as.app([]))).body.read).toEqual({ tenantId, objectId: servicePrincipalId });
  });

  it('callerOf of an anonymous request is a 500 that names callerIfAny', async () => {
    const answer = await ask(
      answering((req) => callerOf(req)),
      '/public',
    );
    expect([answer.status, answer.body.message]).toEqual([500, expect.stringContaining('callerIfAny(req)')]);
  });

  it('callerOf of one kind narrows, or is a 500', async () => {
    const app = answering((req) => callerOf(req, 'application').appRoles);
    expect((await ask(app, '/mailboxes/users', as.app(['Mail.Read']))).body.read).toEqual(['Mail.Read']);
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(500);
  });

  it('callerOf of a kind that there is not is a 500', async () => {
    const app = answering((req) => callerOf(req, 'user' as never));
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(500);
  });

  it('callerIfAny is undefined for an anonymous request', async () => {
    const app = answering((req) => callerIfAny(req)?.kind);
    expect((await ask(app, '/public')).body.read).toBeNull();
    expect((await ask(app, '/public', as.user('x'))).body.read).toBe('delegated');
  });

  it('decisionOf explains each grant, in the order of the route', async () => {
    const app = answering((req) =>
      decisionOf(req).explanation.map(({ grant, outcome }) => [describeGrant(grant), outcome]),
    );
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).body.read).toEqual([
      ['delegated Mail.Read, owned mailbox', 'matched'],
      ['application Mail.Read', 'other-kind'],
    ]);
  });

  it('decisionOf gives the permissions of every grant that matched, and none that did not', async () => {
    const app = apiWith((each) => {
      each.get(
        '/',
        allow(delegated('Mail.Read'), delegated('Mail.Write'), delegated('Mail.Send')),
        (req, res) => void res.json(decisionOf(req).permissions),
      );
    });
    expect((await ask(app, '/', as.user('Mail.Send Mail.Read'))).body).toEqual(['Mail.Read', 'Mail.Send']);
  });

  it('decisionOf on a public route is a 500', async () => {
    expect(
      (
        await ask(
          answering((req) => decisionOf(req)),
          '/public',
          as.user('x'),
        )
      ).status,
    ).toBe(500);
  });
});

describe('authenticate and allow', () => {
  it('a request that no authenticate has seen is a 500 that names the line to add', async () => {
    const app = express();
    app.get('/', allow(delegated('Mail.Read')), (_req, res) => void res.json({}));
    app.get('/caller', (req, res) => void res.json(callerOf(req)));
    app.get('/any', (req, res) => void res.json(callerIfAny(req) ?? {}));
    app.use(problemDetails(), tellError);
    for (const path of ['/', '/caller', '/any']) {
      const answer = await ask(app, path, as.user('Mail.Read'));
      expect([answer.status, answer.body.message]).toEqual([
        500,
        expect.stringContaining('app.use(authenticate({ tenant, clientId, permissions }))'),
      ]);
      expect(answer.headers).not.toHaveProperty('www-authenticate');
    }
  });

  it('grants of another catalogue are an error, not a pass', async () => {
    const other = definePermissions({ 'Mail.Read': { delegated: { ...texts, consent: 'admin' } } });
    const app = express();
    app.use(authentication());
    app.get('/', allow(other.delegated('Mail.Read')), (_req, res) => void res.json({}));
    app.use(problemDetails(), tellError);
    const answer = await ask(app, '/', as.user('Mail.Read'));
    expect([answer.status, answer.body.name]).toEqual([500, 'ConfigurationError']);
  });

  it('a second authenticate replaces the caller, the decision and the records of the first', async () => {
    const { mailbox: loaded } = mailboxRecord();
    const strict = authentication({ applicationsMustProve: 'idtyp' });
    const app = express();
    app.use(authentication());
    app.get('/:id', allow(delegated('Mail.Read').owned(loaded)), authentication(), (req, res) => {
      res.json([attempt(() => decisionOf(req)), attempt(() => loaded.of(req)), callerOf(req).kind]);
    });
    app.post('/:id', strict, allow(application('Mail.Read')), (_req, res) => void res.json({}));
    app.use(problemDetails(), tellError);
    const replaced = await ask(app, '/users', as.user('Mail.Read'));
    expect(replaced.status).toBe(500);
    const inferred = as.app(['Mail.Read'], { idtyp: undefined });
    expect((await ask(app, '/users', inferred, 'post')).body.code).toBe('idtyp_required');
    expect((await ask(app, '/users', as.app(['Mail.Read']), 'post')).status).toBe(200);
  });

  it('authenticate leaves req.user and req.auth alone', async () => {
    const app = express();
    app.use((req, _res, next) => {
      Object.assign(req, { user: 'mine', auth: 'mine too' });
      next();
    });
    app.use(authentication());
    app.get('/', allow(delegated('Mail.Read')), (req, res) => {
      const { user, auth } = req as unknown as Record<string, unknown>;
      res.json([
        user,
        auth,
        'caller' in req,
        Object.keys(req).filter((name) => /caller|roles|express-app/i.test(name)),
      ]);
    });
    expect((await ask(app, '/', as.user('Mail.Read'))).body).toEqual(['mine', 'mine too', false, []]);
  });
});

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((value, place) =>
    permutations(values.filter((_, each) => each !== place)).map((rest) => [value, ...rest]),
  );
}

function attempt(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return (error as Error).name;
  }
}

function fail(value: unknown): never {
  throw value;
}
