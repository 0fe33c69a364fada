import express, { type Express } from 'express';
import { allow, problemDetails, publicRoute, type RecordOptions } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  delegated,
  isExpress4,
  type Mailbox,
  mailboxes,
  mailboxRecord,
  servicePrincipalId,
  strangerId,
  tellError,
  tenantId,
  userId,
} from './api.js';

/** A route for owners at `/mailboxes/:id`, its errors told. */
function ownedRoute(options: Partial<RecordOptions<Mailbox>>): { app: Express; lookups: string[] } {
  const { mailbox, lookups } = mailboxRecord(options);
  const app = express();
  app.use(authentication());
  app.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')), (req, res) => {
    res.json({ secret: mailbox.of(req).id });
  });
  app.use((_req, res) => void res.status(410).json({ fellThrough: true }));
  app.use(problemDetails(), tellError);
  return { app, lookups };
}

const owners = (given: unknown) => ({ owners: () => given as Mailbox['owners'] });

describe('finding a record', () => {
  it('happens once per request, however many grants and allow name it', async () => {
    const { mailbox, lookups } = mailboxRecord();
    const app = apiWith((each) => {
      each.get(
        '/:id',
        allow(
          delegated('Mail.Read').owned(mailbox),
          delegated('Mail.Write')
            .owned(mailbox)
            .when('yes', () => true),
        ),
        allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')),
        (req, res, next) => {
          mailbox.load(req).then((loaded) => res.json(loaded === mailbox.of(req)), next);
        },
      );
    });
    expect((await ask(app, '/users', as.user('Mail.Read Mail.Write'))).body).toBe(true);
    expect(lookups).toEqual(['users']);
  });

  it('happens again for the next request', async () => {
    const { app, lookups } = ownedRoute({});
    await ask(app, '/mailboxes/users', as.user('Mail.Read'));
    await ask(app, '/mailboxes/users', as.user('Mail.Read'));
    expect(lookups).toEqual(['users', 'users']);
  });

  it.each<[name: string, token: (() => string) | undefined, status: number]>([
    ['an anonymous caller', undefined, 401],
    ['a user without the scope', () => as.user('Mail.Write'), 403],
    ['an application without the role', () => as.app([]), 403],
    ['a user whose role is named like the app role', () => as.user('x', { roles: ['Mail.Read'] }), 403],
  ])('does not happen for %s', async (_name, token, status) => {
    const { app, lookups } = ownedRoute({});
    const present = await ask(app, '/mailboxes/users', token?.());
    const absent = await ask(app, '/mailboxes/nothing', token?.());
    expect([present.status, absent.status, lookups]).toEqual([status, status, []]);
    expect(absent.text).toBe(present.text);
  });

  it.each<[name: string, find: () => unknown]>([
    ['throws', () => raise(new Error('the store is down'))],
    ['throws undefined', () => raise(undefined)],
    ['throws null', () => raise(null)],
    ["throws 'route'", () => raise('route')],
    ["throws 'router'", () => raise('router')],
    ['rejects', () => Promise.reject(new Error('the store is down'))],
    ['rejects with undefined', () => Promise.reject(undefined)],
    ["rejects with 'route'", () => Promise.reject('route')],
    ["rejects with 'router'", () => Promise.reject('router')],
    [
      'gives a thenable that fails',
      () => Object.fromEntries([['then', (_: unknown, no: (error: unknown) => void) => no('route')]]),
    ],
  ])('that %s is an error of the application, for every caller', async (_name, find) => {
    const { app } = ownedRoute({ find: find as () => undefined });
    for (const token of [as.user('Mail.Read'), as.app(['Mail.Read'])]) {
      const answer = await ask(app, '/mailboxes/users', token);
      expect([answer.status, answer.body.name]).toEqual([500, 'Error']);
      expect(answer.text).not.toMatch(/secret|fellThrough/);
    }
  });

  it('keeps the status of an error of the application', async () => {
    const { app } = ownedRoute({ find: () => raise(Object.assign(new Error('busy'), { status: 429 })) });
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(429);
  });

  it.each([undefined, null, Promise.resolve(undefined), Promise.resolve(null)])(
    'that gives %s is a 404',
    async (nothing) => {
      const { app } = ownedRoute({ find: () => nothing });
      for (const token of [as.user('Mail.Read'), as.app(['Mail.Read'])])
        expect((await ask(app, '/mailboxes/users', token)).status).toBe(404);
    },
  );

  it('is given the request', async () => {
    const { app } = ownedRoute({
      find: (id, req) => (req.headers['x-store'] === 'one' ? mailboxes.get(id) : undefined),
    });
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read')).set('x-store', 'one')).status).toBe(200);
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(404);
  });

  it('asks again where the parameter names another record than before', async () => {
    const { mailbox, lookups } = mailboxRecord();
    const app = apiWith((each) => {
      const grant = delegated('Mail.Read').owned(mailbox);
      each.use('/:id', allow(grant));
      each.get('/:folder/:id', allow(grant), (req, res) => void res.json(mailbox.of(req)));
    });
    expect((await ask(app, '/users/strangers', as.user('Mail.Read'))).status).toBe(403);
    expect((await ask(app, '/users/users', as.user('Mail.Read'))).status).toBe(200);
    expect(lookups).toEqual(['users', 'strangers', 'users']);
  });
});

describe('the parameter of a record', () => {
  const { mailbox, lookups } = mailboxRecord();
  const { mailbox: byName, lookups: lookupsByName } = mailboxRecord({ param: '__proto__' });
  const guard = allow(delegated('Mail.Read').owned(mailbox));
  const answer: express.RequestHandler = (_req, res) => void res.json({ secret: true });

  const app = express();
  app.use(authentication());
  app.get('/missing', guard, answer);
  app.get('/other/:name', guard, answer);
  app.get('/proto/:id', allow(delegated('Mail.Read').owned(byName)), answer);
  app.get(
    '/constructor/:id',
    allow(delegated('Mail.Read').owned(mailboxRecord({ param: 'constructor' }).mailbox)),
    answer,
  );
  app.use('/nested/:id', express.Router().get('/', guard, answer));
  app.use('/merged/:id', express.Router({ mergeParams: true }).get('/', guard, answer));
  app.use('/used', express.Router().use(guard).get('/:id', answer));
  app.get(isExpress4 ? '/wild/*' : '/wild/*id', guard, answer);
  if (!isExpress4) app.get('/optional{/:id}', guard, answer);
  app.use(problemDetails(), tellError);

  it.each([
    '/missing',
    '/missing?id=users',
    '/other/users',
    '/proto/users',
    '/constructor/users',
    '/nested/users',
    '/used/users',
    '/wild/users/more',
    ...(isExpress4 ? [] : ['/optional']),
  ])('%s: 500 that names mergeParams, and nothing is looked up', async (path) => {
    lookups.length = 0;
    const { status, body } = await ask(app, path, as.user('Mail.Read'));
    expect([status, body.name]).toEqual([500, 'ConfigurationError']);
    expect(body.message).toContain('mergeParams');
    expect([...lookups, ...lookupsByName]).toEqual([]);
  });

  it('is read where a router merges the parameters of its parent', async () => {
    expect((await ask(app, '/merged/users', as.user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/merged/strangers', as.user('Mail.Read'))).status).toBe(403);
  });

  it.each([
    ['__proto__', 404],
    ['constructor', 404],
    ['%00', 404],
    ['..%2Fusers', 404],
    ['%E0%A4%A', 400],
    ['users%20', 404],
    ['USERS', 404],
    ['ｕsers'.normalize('NFC'), 404],
  ])('%s as id', async (id, status) => {
    expect((await ask(app, `/merged/${encodeURI(id).replaceAll('%25', '%')}`, as.user('Mail.Read'))).status).toBe(
      status,
    );
  });
});

describe('an owner', () => {
  const user = { tenantId, objectId: userId };

  it.each<[name: string, given: unknown]>([
    ['an object id alone', [userId]],
    ['a upn', ['ada@contoso.test']],
    ['a upn as object id', [{ tenantId, objectId: 'ada@contoso.test' }]],
    ['no tenant', [{ objectId: userId }]],
    ['null as tenant', [{ tenantId: null, objectId: userId }]],
    ['an empty tenant', [{ tenantId: '', objectId: userId }]],
    ['null', [null]],
    ['undefined', [undefined]],
    ['an empty object', [{}]],
    ['an object id in braces', [{ tenantId, objectId: `{${userId}}` }]],
    ['an object id with a blank', [{ tenantId, objectId: `${userId} ` }]],
    ['an object id in an array', [{ tenantId, objectId: [userId] }]],
    ['one principal, not in an array', user],
    ['nothing', undefined],
    ['null for all', null],
    ['a string', userId],
    ['a Set', new Set([user])],
    ['a promise', Promise.resolve([user])],
    ['true', true],
  ])('that is %s is a 500, never a grant', async (_name, given) => {
    const { app } = ownedRoute(owners(given));
    const { status, body, text } = await ask(app, '/mailboxes/users', as.user('Mail.Read'));
    expect([status, body.name]).toEqual([500, 'ConfigurationError']);
    expect(text).not.toContain('secret');
  });

  it('that is a promise which rejects is a 500, and the process lives', async () => {
    const { app } = ownedRoute({ owners: (() => Promise.reject(new Error('rejected'))) as never });
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).body.name).toBe('ConfigurationError');
  });

  it.each<[name: string, given: unknown, status: number]>([
    ['in a list', [{ tenantId, objectId: strangerId }, user], 200],
    ['spelt in upper case', [{ tenantId: tenantId.toUpperCase(), objectId: userId.toUpperCase() }], 200],
    ['of another tenant with the same object id', [{ tenantId: userId, objectId: userId }], 403],
    ['with tenant and object changed over', [{ tenantId: userId, objectId: tenantId }], 403],
    ['a list of none', [], 403],
  ])('%s', async (_name, given, status) => {
    const { app } = ownedRoute(owners(given));
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(status);
  });

  it('is not asked for where the grant does not narrow', async () => {
    const { app } = ownedRoute({ owners: () => raise(new Error('asked')) });
    expect((await ask(app, '/mailboxes/users', as.app(['Mail.Read']))).status).toBe(200);
  });

  it('that cannot be read is an error of the application', async () => {
    const { app } = ownedRoute({ owners: () => raise('route') });
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read'))).status).toBe(500);
  });

  it('is the acting principal: a client id, a sub or a upn owns nothing', async () => {
    const { app } = ownedRoute(owners([{ tenantId, objectId: servicePrincipalId }]));
    const claims = { sub: servicePrincipalId, azp: servicePrincipalId, upn: servicePrincipalId };
    expect((await ask(app, '/mailboxes/users', as.user('Mail.Read', claims))).status).toBe(403);
  });
});

describe('two records', () => {
  const { mailbox: source, lookups: sources } = mailboxRecord({ name: 'source', param: 'from' });
  const { mailbox: target, lookups: targets } = mailboxRecord({ name: 'target', param: 'to', notOwner: 'not-found' });
  const app = apiWith((each) => {
    each.post('/:from/move/:to', allow(delegated('Mail.Write').owned(source, target)), (req, res) => {
      res.json([source.of(req).id, target.of(req).id]);
    });
  });

  it.each([
    ['both owned', '/users/move/users', 200],
    ['the source alone', '/users/move/strangers', 404],
    ['the target alone: one hidden record hides both', '/strangers/move/users', 404],
    ['neither', '/strangers/move/strangers', 404],
    ['an absent source', '/nothing/move/users', 404],
    ['an absent target', '/users/move/nothing', 404],
  ])('must both be owned: %s', async (_name, path, status) => {
    expect((await ask(app, path, as.user('Mail.Write'), 'post')).status).toBe(status);
  });

  it('a hidden target that exists cannot be told from an absent one, whoever owns the source', async () => {
    for (const from of ['users', 'strangers']) {
      const there = await ask(app, `/${from}/move/strangers`, as.user('Mail.Write'), 'post');
      const absent = await ask(app, `/${from}/move/nothing`, as.user('Mail.Write'), 'post');
      expect([there.status, there.text]).toEqual([absent.status, absent.text]);
    }
  });

  it('are each looked up once', async () => {
    sources.length = 0;
    targets.length = 0;
    await ask(app, '/users/move/users', as.user('Mail.Write'), 'post');
    expect([sources, targets]).toEqual([['users'], ['users']]);
  });
});

describe('a record whose existence is confidential', () => {
  const { mailbox } = mailboxRecord({ notOwner: 'not-found' });
  const routes = (app: Express) =>
    app.get(
      '/mailboxes/:id',
      allow(delegated('Mail.Read').owned(mailbox), application('Mailbox.OwnedBy').owned(mailbox)),
      (_req, res) => {
        res.json({});
      },
    );
  const bare = (environment: string) => {
    const app = express();
    app.set('env', environment);
    app.use(authentication());
    routes(app);
    app.use((error: unknown, _req: express.Request, _res: express.Response, next: express.NextFunction) => next(error));
    return app;
  };

  it.each<[name: string, app: Express]>([
    ['problem details', apiWith(routes)],
    ["Express's default handler", bare('test')],
  ])('is like an absent one, byte for byte, by %s', async (_name, app) => {
    for (const token of [as.user('Mail.Read'), as.app(['Mailbox.OwnedBy'])]) {
      const [there, absent] = [
        await ask(app, '/mailboxes/strangers', token),
        await ask(app, '/mailboxes/strangerz', token),
      ];
      expect([there.status, there.text]).toEqual([404, absent.text]);
      expect({ ...there.headers, date: '' }).toEqual({ ...absent.headers, date: '' });
    }
  });
});

describe('a record whose existence is confidential, on a route with other grants', () => {
  const { mailbox } = mailboxRecord();
  const { mailbox: hidden } = mailboxRecord({ name: 'hidden', notOwner: 'not-found' });
  const never = () => false;

  it.each<[name: string, token: string, grants: Parameters<typeof allow>]>([
    [
      'a wide grant whose condition fails',
      as.app(['Mailbox.All']),
      [application('Mailbox.OwnedBy').owned(hidden), application('Mailbox.All').when('never', never)],
    ],
    [
      'a grant on a record that is not hidden',
      as.user('Mail.Write'),
      [delegated('Mail.Read').owned(hidden), delegated('Mail.Write').owned(mailbox)],
    ],
    [
      'both grants',
      as.user('Mail.Read Mail.Write'),
      [delegated('Mail.Read').owned(hidden), delegated('Mail.Write').when('never', never)],
    ],
  ])('is like an absent one to a caller with %s', async (_name, token, grants) => {
    const app = apiWith((each) => each.get('/:id', allow(...grants), (_req, res) => void res.json({})));
    const [there, absent] = [await ask(app, '/strangers', token), await ask(app, '/nothing', token)];
    expect([there.status, there.text]).toEqual([404, absent.text]);
  });

  it('is no secret to its owner', async () => {
    const app = apiWith((each) =>
      each.get(
        '/:id',
        allow(delegated('Mail.Read').owned(hidden).when('never', never)),
        (_req, res) => void res.json({}),
      ),
    );
    expect((await ask(app, '/users', as.user('Mail.Read'))).body.code).toBe('condition_failed');
    expect((await ask(app, '/strangers', as.user('Mail.Read'))).status).toBe(404);
  });
});

describe('record.of, record.reach and record.load', () => {
  const { mailbox } = mailboxRecord();
  const { mailbox: other } = mailboxRecord({ name: 'other' });
  const own = application('Mailbox.OwnedBy');
  const reading = (read: (req: express.Request) => unknown, ...grants: Parameters<typeof allow>) => {
    const app = express();
    app.use(authentication());
    app.get(['/mailboxes/:id', '/mailboxes'], allow(...grants), (req, res, next) => {
      Promise.resolve()
        .then(() => read(req))
        .then((found) => res.json(found), next);
    });
    app.get('/public/:id', publicRoute(), (req, res, next) => {
      Promise.resolve()
        .then(() => read(req))
        .then((found) => res.json(found), next);
    });
    app.use(problemDetails(), tellError);
    return app;
  };
  const bot = as.app(['Mailbox.OwnedBy', 'Mailbox.All']);
  const owner = as.app(['Mailbox.OwnedBy']);

  it('of gives the record that the grants named', async () => {
    const app = reading((req) => mailbox.of(req).id, own.owned(mailbox), application('Mailbox.All'));
    expect((await ask(app, '/mailboxes/bots', owner)).body).toBe('bots');
    expect((await ask(app, '/mailboxes/users', bot)).body).toBe('users');
  });

  it.each<[name: string, read: (req: express.Request) => unknown, path: string]>([
    ['of a record that no grant names', (req) => other.of(req), '/mailboxes/bots'],
    ['of on a public route', (req) => mailbox.of(req), '/public/bots'],
    ['reach on a public route', (req) => mailbox.reach(req), '/public/bots'],
    ['load on a public route', (req) => mailbox.load(req), '/public/bots'],
    ['load where the route has no parameter', (req) => other.load(req), '/mailboxes'],
  ])('%s is a 500', async (_name, read, path) => {
    const app = reading(read, application('Mailbox.OwnedBy').creates(mailbox), application('Mailbox.All'));
    const { status, body } = await ask(app, path, bot);
    expect([status, body.name]).toEqual([500, 'ConfigurationError']);
  });

  it.each<[name: string, grants: Parameters<typeof allow>, token: string, kind: string]>([
    ['a narrowed grant', [own.owned(mailbox)], owner, 'owned'],
    ['a list', [own.ownedOnly(mailbox)], owner, 'owned'],
    ['a creation', [own.creates(mailbox)], owner, 'owned'],
    [
      'a narrowed grant beside a wide one that is not held',
      [own.ownedOnly(mailbox), application('Mailbox.All')],
      owner,
      'owned',
    ],
    ['a narrowed grant beside a wide one', [own.ownedOnly(mailbox), application('Mailbox.All')], bot, 'all'],
    ['a wide grant', [application('Mailbox.All')], bot, 'all'],
    ['a grant that is narrowed to another kind of record', [own.owned(other)], owner, 'owned'],
    ['a list of another kind of record', [own.ownedOnly(other)], owner, 'owned'],
  ])('reach of %s', async (_name, grants, token, kind) => {
    const app = reading((req) => [other.reach(req), mailbox.reach(req)].at(-1), ...grants);
    expect((await ask(app, '/mailboxes/bots', token)).body.kind).toBe(kind);
  });

  it('load finds a record that no grant names, and refuses an absent one', async () => {
    const app = reading(async (req) => (await mailbox.load(req)).id, application('Mailbox.All'));
    expect((await ask(app, '/mailboxes/users', bot)).body).toBe('users');
    const absent = await ask(app, '/mailboxes/nothing', bot);
    expect([absent.status, absent.body.code]).toEqual([404, 'not_found']);
  });

  it('load of a record whose finder fails is an error of the application', async () => {
    const { mailbox: broken } = mailboxRecord({ find: () => raise(new Error('down')) });
    const app = reading((req) => broken.load(req), application('Mailbox.All'));
    expect((await ask(app, '/mailboxes/users', bot)).body).toEqual({ name: 'Error', message: 'down' });
  });
});

function raise(value: unknown): never {
  throw value;
}
