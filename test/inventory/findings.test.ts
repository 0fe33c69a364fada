import express, { type Express, type RequestHandler } from 'express';
import {
  allow,
  assertDeclared,
  definePermissions,
  type InventoryOptions,
  inventory,
  type Middleware,
  publicRoute,
  record,
  recordScopes,
} from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import { declareOperations } from '../../src/express/index.js';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  delegated,
  isExpress4,
  type Mailbox,
  mailboxRecord,
  texts,
} from '../express/api.js';

const fine: RequestHandler = (_req, res) => void res.json({});
const { mailbox } = mailboxRecord();
const other = record<Mailbox>({
  name: 'other',
  param: 'key',
  find: () => undefined,
  owners: () => [],
  notOwner: 'forbidden',
});
const scopes = recordScopes<Mailbox>({ record: mailbox, attributes: () => ({}), assignedTo: () => [] });
const appOnly = () => allow(application('App.Only'));

const codes = (app: object, options?: InventoryOptions) => inventory(app, options).findings.map(({ code }) => code);

/** What `inventory` finds of an app, and whether the app starts. */
function judge(app: object, options?: InventoryOptions): { found: string[]; starts: boolean } {
  let starts = true;
  try {
    assertDeclared(app, options);
  } catch {
    starts = false;
  }
  return { found: codes(app, options), starts };
}

describe('an app that is as it should be', () => {
  it('has no finding', () => {
    const app = apiWith((each) => {
      each.get('/health', publicRoute(), fine);
      each.get('/mailboxes', allow(delegated('Mail.Read').ownedOnly(mailbox), application('Mail.Read')), fine);
      each.get('/mailboxes/:id', allow(delegated('Mail.Read').owned(mailbox), application('Mail.Read')), fine);
    });
    expect(judge(app)).toEqual({ found: [], starts: true });
  });
});

describe('lists that are not limited while their items are', () => {
  type Routes = (app: Express) => void;
  const item: Routes = (app) => app.get('/m/:id', allow(delegated('Mail.Read').owned(mailbox)), fine);
  const listed = (...routes: Routes[]) => apiWith((app) => routes.forEach((each) => void each(app)));

  it.each<[name: string, list: Routes, items?: Routes]>([
    ['the same permission', (app) => app.get('/m', allow(delegated('Mail.Read')), fine)],
    [
      'another permission of the kind, where the item knows no open one',
      (app) => app.get('/m', allow(delegated('Mail.Write')), fine),
    ],
    ['route.all', (app) => app.route('/m').all(allow(delegated('Mail.Read')), fine)],
    ['a slash at the end', (app) => app.get('/m/', allow(delegated('Mail.Read')), fine)],
    [
      'something below the item',
      (app) => app.get('/m', allow(delegated('Mail.Read')), fine),
      (app) => app.get('/m/:id/messages', allow(delegated('Mail.Read').owned(mailbox)), fine),
    ],
    [
      'an open grant beside it, of another permission',
      (app) => app.get('/m', allow(application('Mail.Read')), fine),
      (app) => app.get('/m/:id', allow(application('Mail.Read').owned(mailbox), application('Mailbox.All')), fine),
    ],
    [
      'a parameter of another name',
      (app) => app.get('/m', allow(delegated('Mail.Read')), fine),
      (app) => app.get('/m/:key', allow(delegated('Mail.Read').owned(other)), fine),
    ],
  ])('%s', (_name, list, items = item) => {
    const { findings } = inventory(listed(list, items));
    expect(findings).toMatchObject([{ code: 'unlimited_list', path: expect.stringMatching(/^\/m\/?$/) }]);
    expect(findings[0]?.message).toMatch(
      /lists every record, while GET \/m\/:.* is limited\. Write \.ownedOnly\(…\) here too/,
    );
    expect(judge(listed(list, items)).starts).toBe(true);
  });

  it.each<[name: string, list: Routes, items?: Routes]>([
    ['a limited list', (app) => app.get('/m', allow(delegated('Mail.Read').ownedOnly(mailbox)), fine)],
    ['one that is meant', (app) => app.get('/m', allow(delegated('Mail.Read').onAnyRecord()), fine)],
    ['a condition', (app) => app.get('/m', allow(delegated('Mail.Read').when('it', () => true)), fine)],
    ['another path', (app) => app.get('/n', allow(delegated('Mail.Read')), fine)],
    ['another method', (app) => app.post('/m', allow(delegated('Mail.Read')), fine)],
    ['the other kind', (app) => app.get('/m', allow(application('Mail.Read')), fine)],
    [
      'a permission that opens the items as well',
      (app) => app.get('/m', allow(application('Mailbox.All')), fine),
      (app) => app.get('/m/:id', allow(application('Mail.Read').owned(mailbox), application('Mailbox.All')), fine),
    ],
    [
      'a second allow that limits',
      (app) => app.get('/m', allow(delegated('Mail.Read')), allow(delegated('Mail.Write').ownedOnly(mailbox)), fine),
    ],
  ])('not %s', (_name, list, items = item) => {
    expect(codes(listed(list, items))).not.toContain('unlimited_list');
  });
});

describe('delegated grants that open every record', () => {
  it.each<[name: string, declaration: RequestHandler, found: string[], starts: boolean]>([
    ['by leaving out the word', allow(delegated('Mail.Read')) as RequestHandler, ['every_record'], false],
    ['on purpose', allow(delegated('Mail.Read').onAnyRecord()) as RequestHandler, ['any_record'], true],
    [
      'beside one that does not',
      allow(delegated('Mail.Read').owned(mailbox), delegated('Mail.Write')) as RequestHandler,
      ['any_record'],
      true,
    ],
    ['no: with a user role', allow(delegated('Mail.Read').withUserRole('Dispatcher')) as RequestHandler, [], true],
    ['no: of an application', allow(application('Mail.Read')) as RequestHandler, [], true],
  ])('%s', (_name, declaration, found, starts) => {
    expect(judge(apiWith((app) => app.get('/x/:id', declaration, fine)))).toEqual({ found, starts });
  });

  it('not behind another allow that limits', () => {
    const app = apiWith((each) =>
      each.get(
        '/x/:id',
        allow(delegated('Mail.Write').onAnyRecord()),
        allow(delegated('Mail.Read').owned(mailbox)),
        fine,
      ),
    );
    expect(judge(app)).toEqual({ found: [], starts: true });
  });
});

describe('routes that are there twice', () => {
  it.each<[name: string, routes: (app: Express) => void]>([
    ['one path', (app) => app.get('/x', appOnly(), fine).get('/x', appOnly(), fine)],
    ['parameters of two names', (app) => app.get('/x/:id', appOnly(), fine).get('/x/:key', appOnly(), fine)],
    ['one in an array', (app) => app.get(['/y', '/x'], appOnly(), fine).get('/x', appOnly(), fine)],
    ['one in a router', (app) => app.get('/x', appOnly(), fine).use(express.Router().get('/x', appOnly(), fine))],
  ])('%s', (_name, routes) => {
    expect(judge(apiWith(routes))).toEqual({ found: ['repeated_route'], starts: true });
  });

  it.each<[name: string, routes: (app: Express) => void]>([
    ['another method', (app) => app.get('/x', appOnly(), fine).post('/x', appOnly(), fine)],
    ['ALL beside one', (app) => app.get('/x', appOnly(), fine).all('/x', appOnly(), fine)],
    ['another path', (app) => app.get('/x', appOnly(), fine).get('/x/y', appOnly(), fine)],
  ])('not %s', (_name, routes) => {
    expect(codes(apiWith(routes))).toEqual([]);
  });
});

describe('an application permission that is limited to scopes on one route', () => {
  const limited = (app: Express) => app.get('/m/:id', allow(application('Mail.Read').within(scopes)), fine);

  it.each<[name: string, routes: (app: Express) => void]>([
    ['unlimited on another', (app) => app.get('/y', allow(application('Mail.Read')), fine)],
    [
      'unlimited, with a condition',
      (app) => app.get('/y', allow(application('Mail.Read').when('it', () => true)), fine),
    ],
    [
      'unlimited on a route before it',
      (app) => app.post('/a/b', allow(delegated('Mail.Write'), application('Mail.Read')), fine),
    ],
  ])('%s: does not start', (_name, routes) => {
    const app = apiWith((each) => {
      routes(each);
      limited(each);
    });
    expect(judge(app)).toEqual({ found: ['unlimited_permission'], starts: false });
    expect(() => assertDeclared(app)).toThrow(
      /application\('Mail\.Read'\) is unlimited here, and \.within\(scopes\) on GET \/m\/:id\..*a permission of its own/,
    );
  });

  it.each<[name: string, routes: (app: Express) => void]>([
    ['limited in a list', (app) => app.get('/m', allow(application('Mail.Read').withinOnly(scopes)), fine)],
    ['of the other kind', (app) => app.get('/y', allow(delegated('Mail.Read')), fine)],
    [
      'with another permission beside it',
      (app) => app.get('/y', allow(application('Mail.Read').and('Mailbox.All')), fine),
    ],
    ['owned on another', (app) => app.get('/y/:id', allow(application('Mail.Read').owned(mailbox)), fine)],
    [
      'limited by another allow on the way',
      (app) => app.get('/y/:id', allow(application('Mail.Read')), allow(application('Mail.Read').within(scopes)), fine),
    ],
  ])('%s: starts', (_name, routes) => {
    const app = apiWith((each) => {
      routes(each);
      limited(each);
    });
    expect(judge(app).starts).toBe(true);
  });
});

describe('permissions that no route asks for', () => {
  const permissions = definePermissions({
    'A.Read': { delegated: { ...texts, consent: 'admin' }, application: texts },
    'A.Write': { application: texts },
    'A.Old': { application: { ...texts, enabled: false } },
    Boss: { userRole: texts },
    Clerk: { userRole: texts },
  });
  const app = apiWith(
    (each) =>
      each.get(
        '/x',
        allow(permissions.delegated('A.Read').withUserRole('Boss'), permissions.application('A.Read').and('A.Write')),
        fine,
      ),
    { permissions },
  );

  it('are found by kind, where the catalogue is given', () => {
    const all = definePermissions({
      ...permissions.catalogue,
      'B.Read': { delegated: { ...texts, consent: 'admin' } },
    });
    const { findings } = inventory(app, { permissions: all });
    expect(findings.map(({ code, message }) => [code, message.split(':')[0]])).toEqual([
      ['unused_permission', 'userRole Clerk'],
      ['unused_permission', 'delegated B.Read'],
    ]);
    expect(judge(app, { permissions: all }).starts).toBe(true);
    expect(codes(app)).toEqual([]);
  });
});

describe('authenticate', () => {
  const passOn: RequestHandler = (_req, _res, next) => next();
  const passportLike = () =>
    function authenticate(_req: unknown, _res: unknown, next: () => void) {
      next();
    } as RequestHandler;

  const late: [name: string, app: () => Express, path: string][] = [
    ['after the route', () => express().get('/x', appOnly(), fine).use(authentication()), '/x'],
    ['after allow, in the route', () => express().get('/x', appOnly(), authentication(), fine), '/x'],
    ['after allow, in use()', () => express().use(appOnly(), authentication()).get('/x', fine), '/x'],
    [
      'after the router',
      () =>
        express()
          .use('/n', express.Router().get('/x', appOnly(), fine))
          .use(authentication()),
      '/n/x',
    ],
    [
      'after the route of a router',
      () => express().use('/n', express.Router().get('/x', appOnly(), fine).use(authentication())),
      '/n/x',
    ],
    [
      'on the path of the router, after it',
      () =>
        express()
          .use('/n', express.Router().get('/x', appOnly(), fine))
          .use('/n', authentication()),
      '/n/x',
    ],
  ];

  it.each(late)('%s: does not start', (_name, app) => {
    expect(() => assertDeclared(app())).toThrow(
      /GET .*\/x: authenticate stands after what asks who is calling.*Move authenticate up/,
    );
  });

  it.each(late)('%s: would have refused everyone', async (_name, app, path) => {
    expect((await ask(app(), path, as.app(['App.Only']))).status).toBe(500);
  });

  it.each<[name: string, app: () => Express]>([
    ['before the routes', () => express().use(authentication()).get('/x', appOnly(), fine)],
    ['in the route', () => express().get('/x', authentication(), appOnly(), fine)],
    ['in the router', () => express().use('/n', express.Router().use(authentication()).get('/x', appOnly(), fine))],
    ['beside the router', () => express().use('/n', authentication(), express.Router().get('/x', appOnly(), fine))],
    [
      'for each router',
      () =>
        express()
          .use('/a', authentication(), express.Router().get('/x', appOnly(), fine))
          .use('/b', authentication(), express.Router().get('/x', appOnly(), fine)),
    ],
    ['of passport', () => express().use(passportLike()).get('/x', appOnly(), fine)],
    [
      'of passport, before a second one',
      () => express().use(passportLike()).get('/x', appOnly(), fine).use(authentication()),
    ],
    [
      'after what is public',
      () => express().get('/x', publicRoute(), fine).use(authentication()).get('/y', appOnly(), fine),
    ],
    ['of a later path', () => express().use(authentication()).get('/x', appOnly(), fine).use('/n', authentication())],
  ])('%s: nothing to find', (_name, app) => {
    expect(judge(app()).found.filter((code) => code.endsWith('authenticate'))).toEqual([]);
    expect(judge(app()).starts).toBe(true);
  });

  it.each<[name: string, app: () => object]>([
    ['is not there', () => express().get('/x', appOnly(), fine)],
    ['is in a function of your own', () => express().use(passOn).get('/x', appOnly(), fine)],
    [
      'is in a parent app',
      () => {
        const inner = express().get('/x', appOnly(), fine);
        express().use(authentication()).use('/n', inner);
        return inner;
      },
    ],
    ['is on another path', () => express().use('/n', authentication()).get('/x', appOnly(), fine)],
    ['is only passport’s, afterwards', () => express().get('/x', appOnly(), fine).use(passportLike())],
  ])('that %s is reported, and the app starts', (_name, app) => {
    expect(judge(app())).toEqual({ found: ['no_authenticate'], starts: true });
  });
});

it('authenticate is late after a middleware that brings its operations, too', () => {
  const operation = { method: 'GET', path: '/x', isPathKnown: true, parameters: [], isPublic: false };
  const operations = [{ ...operation, allows: [[application('App.Only')]] }];
  const enforce = () =>
    declareOperations<Middleware>(
      (_req, _res, next) => next(),
      () => operations,
    );
  expect(judge(express().use(enforce()).use(authentication()))).toEqual({
    found: ['late_authenticate'],
    starts: false,
  });
  expect(judge(express().use(enforce()))).toEqual({ found: ['no_authenticate'], starts: true });
  expect(judge(express().use(authentication()).use(enforce()))).toEqual({ found: [], starts: true });
});

it('an authenticate that cannot be seen is told once for all routes', () => {
  const { findings } = inventory(express().get('/x', appOnly(), fine).get('/y', appOnly(), fine));
  expect(findings).toEqual([{ code: 'no_authenticate', message: expect.stringMatching(/^GET \/x and 1 more: /) }]);
});

describe('what cannot be seen', () => {
  it('is named as the docstring of assertDeclared has it', () => {
    const adminApp = express().get('/x', appOnly(), fine);
    const app = apiWith((each) => each.use('/admin', adminApp));
    assertDeclared(app, { mounted: [{ path: '/admin', app: adminApp }] });
    expect(() => assertDeclared(app)).toThrow(/found 1:/);
  });

  const inner = express().get('/x', appOnly(), fine);
  const app = apiWith((each) => each.use('/inner', inner));

  it('does not start where an app is hidden, unless it is named', () => {
    expect(judge(app)).toEqual({ found: ['hidden_app'], starts: false });
    expect(() => assertDeclared(app)).toThrow(
      isExpress4 ? /\/…: an app is mounted here/ : /\/inner: an app is mounted here/,
    );
    expect(judge(app, { mounted: [{ path: '/inner', app: inner }] })).toEqual({ found: [], starts: true });
  });

  it('does not start where the routes of what is named are not declared', () => {
    const open = express().get('/x', fine);
    const outer = apiWith((each) => each.use('/inner', open));
    expect(() => assertDeclared(outer, { mounted: [{ path: '/inner', app: open }] })).toThrow(
      /GET \/inner\/x: not declared/,
    );
  });

  it('does not start where what is named is not there', () => {
    expect(judge(app, { mounted: [{ path: '/elsewhere', app: inner }] }).starts).toBe(false);
  });

  it('is no matter of ordinary middleware', () => {
    const ordinary = apiWith((each) =>
      each
        .use(express.json(), express.urlencoded({ extended: false }), express.static('.'))
        .use((_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) => next()),
    );
    expect(judge(ordinary)).toEqual({ found: [], starts: true });
  });

  it('starts where the path of a router is not known', () => {
    const nested = apiWith((each) => each.use('/n', express.Router().get('/x', appOnly(), fine)));
    expect(judge(nested)).toEqual({ found: isExpress4 ? ['unknown_path'] : [], starts: true });
  });
});

it('assertDeclared takes the options of inventory, and no others', () => {
  expect(() => assertDeclared(express(), { mouted: [] } as never)).toThrow(/assertDeclared: 'mouted' is not an option/);
});
