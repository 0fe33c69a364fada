import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import express, { type Express, type RequestHandler } from 'express';
import { allow, assertDeclared, channels, problemDetails, publicRoute, record } from 'express-app-roles';
import { afterEach, describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  authentication,
  type Changes,
  delegated,
  isExpress4,
  type Method,
  mailboxRecord,
  tellError,
} from './api.js';

const ran: string[] = [];
afterEach(() => void ran.splice(0));

/** A handler that must not run: it leaves a trace. */
const secret: RequestHandler = (req, res) => {
  ran.push(`${req.method} ${req.path}`);
  res.json({ secret: true });
};
const fine: RequestHandler = (_req, res) => void res.json({ fine: true });
const readers = () => allow(delegated('Mail.Read'), application('Mail.Read'));
const wildcard = isExpress4 ? '*' : '*rest';

const undeclaredRoutes: [
  name: string,
  routes: (app: Express) => void,
  method: Method,
  path: string,
  finding: RegExp,
][] = [
  ['a route', (app) => app.get('/x', secret), 'get', '/x', /GET \/x: not declared/],
  ['a route asked for with HEAD', (app) => app.get('/x', secret), 'head', '/x', /GET \/x/],
  ['a route in another case', (app) => app.get('/x', secret), 'get', '/X', /GET \/x/],
  ['a route with a trailing slash', (app) => app.get('/x', secret), 'get', '/x/', /GET \/x/],
  ['an encoded path', (app) => app.get('/x/:id', secret), 'get', '/x/%78', /GET \/x\/:id/],
  ['the root', (app) => app.get('/', secret), 'get', '/', /GET \/: not declared/],
  [
    'a route for POST beside a declared GET',
    (app) => app.route('/x').get(readers(), fine).post(secret),
    'post',
    '/x',
    /POST \/x/,
  ],
  ['route.all', (app) => app.route('/x').all(secret), 'put', '/x', /ALL \/x/],
  ['route.all, asked with OPTIONS', (app) => app.route('/x').all(secret), 'options', '/x', /ALL \/x/],
  ['app.all', (app) => app.all('/x', secret), 'delete', '/x', /\/x: not declared/],
  ['an array of paths', (app) => app.get(['/x', '/y'], secret), 'get', '/y', /GET \/y: not declared/],
  ['a regular expression', (app) => app.get(/^\/x\d$/, secret), 'get', '/x1', /GET .*x\\d/],
  ['an array with a regular expression', (app) => app.get(['/a', /^\/x\d$/], secret), 'get', '/x1', /GET .*x\\d/],
  ['a wildcard', (app) => app.get(`/x/${wildcard}`, secret), 'get', '/x/y/z', /GET \/x\/\*/],
  ['a handler in an array', (app) => app.get('/x', [secret]), 'get', '/x', /GET \/x/],
  ['a nested router', (app) => app.use('/n', express.Router().get('/x', secret)), 'get', '/n/x', /GET .*\/x/],
  [
    'a router in a router',
    (app) => app.use('/n', express.Router().use('/m', express.Router().get('/x', secret))),
    'get',
    '/n/m/x',
    /GET .*\/x/,
  ],
  [
    'a router at a regular expression',
    (app) => app.use(/^\/n/, express.Router().get('/x', secret)),
    'get',
    '/n/x',
    /GET .*\/x/,
  ],
  [
    'a router at an array of paths',
    (app) => app.use(['/n', '/m'], express.Router().get('/x', secret)),
    'get',
    '/m/x',
    /GET .*\/x/,
  ],
  ['a router at the root', (app) => app.use(express.Router().get('/x', secret)), 'get', '/x', /GET \/x/],
  ['a router at a parameter', (app) => app.use('/:n', express.Router().get('/x', secret)), 'get', '/n/x', /GET .*\/x/],
  [
    'a router beside a covered one',
    (app) => app.use('/a', readers(), express.Router().get('/x', fine)).use('/b', express.Router().get('/x', secret)),
    'get',
    '/b/x',
    /GET .*\/x/,
  ],
  [
    'a route before router.use(allow)',
    (app) => app.use('/n', express.Router().get('/x', secret).use(readers())),
    'get',
    '/n/x',
    /GET .*\/x/,
  ],
];

describe('a route that is not declared', () => {
  it.each(undeclaredRoutes)('%s: assertDeclared finds it', (_name, routes, _method, _path, finding) => {
    expect(() => assertDeclared(apiWith(routes))).toThrow(finding);
  });

  it.each(undeclaredRoutes)('%s: its handler does not run, for anyone', async (_name, routes, method, path) => {
    const app = apiWith(routes);
    for (const token of [undefined, as.user('Mail.Read'), as.app(['Mail.Read']), undefined]) {
      const answer = await ask(app, path, token, method);
      expect([answer.status, ran]).toEqual([500, []]);
      expect(answer.text ?? '').not.toContain('"secret"');
    }
  });

  it('is told in a sentence with the fix', async () => {
    const app = apiWith((each) => each.get('/x', secret));
    app.use(tellError);
    expect((await ask(app, '/x')).body.message).toMatch(/^GET \/x is not declared.*allow\(.*publicRoute\(\)/);
  });

  it('keeps a bad token a 401', async () => {
    expect(
      (
        await ask(
          apiWith((app) => app.get('/x', secret)),
          '/x',
          'a.b.c',
        )
      ).status,
    ).toBe(401);
  });

  it('is refused where authenticate stands on a path or in a router', async () => {
    const onPath = express().use('/api', authentication()).get('/api/x', secret).get('/open', fine).use(tellError);
    const inRouter = express()
      .use('/api', express.Router().use(authentication()).get('/x', secret))
      .get('/open', fine)
      .use(tellError);
    for (const app of [onPath, inRouter]) {
      expect([(await ask(app, '/api/x')).status, (await ask(app, '/open')).status, ran]).toEqual([500, 200, []]);
    }
  });

  it('does not run where authenticate stands in the route itself', async () => {
    const app = express()
      .get('/x', authentication(), secret)
      .get('/y', authentication(), readers(), fine)
      .use(problemDetails());
    for (let turn = 0; turn < 3; turn++) {
      const answer = await ask(app, '/x', as.user('Mail.Read'));
      expect([answer.status, ran]).toEqual([500, []]);
    }
    expect((await ask(app, '/y', as.user('Mail.Read'))).status).toBe(200);
  });

  it('does not run after the declaration of another route that went on', async () => {
    const passOn: RequestHandler = (_req, _res, next) => next();
    for (const declaration of [publicRoute(), readers()]) {
      const app = apiWith((each) => each.get('/:page', declaration, passOn).get('/admin', secret));
      const answer = await ask(app, '/admin', as.user('Mail.Read'));
      expect([answer.status, ran]).toEqual([500, []]);
    }
  });

  it('does not run where an error handler leads around the declaration that covers it', async () => {
    const goOn = (_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) => next();
    const app = express().use(authentication());
    app.use(express.json()).use(readers()).use(goOn).post('/x', secret).use('/n', express.Router().post('/x', secret));
    for (const path of ['/x', '/n/x']) {
      const malformed = ask(app, path, as.app([]), 'post').set('Content-Type', 'application/json').send('{');
      expect([(await malformed).status, ran]).toEqual([500, []]);
      expect((await ask(app, path, as.app(['Mail.Read']), 'post')).status).toBe(200);
      ran.splice(0);
    }
  });

  it('two declared routes of one path may hand over to each other', async () => {
    const passOn: RequestHandler = (_req, _res, next) => next();
    const app = apiWith((each) => each.get('/:page', publicRoute(), passOn).get('/page', readers(), passOn).use(fine));
    expect((await ask(app, '/page', as.user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/page')).status).toBe(401);
  });
});

describe('a declaration in use()', () => {
  const nested = (before: RequestHandler) => express.Router().use(before).get('/x', fine);

  it.each<[name: string, routes: (app: Express) => void, path: string]>([
    ['app.use(allow)', (app) => app.use(readers()).get('/x', fine), '/x'],
    [
      "app.use('/admin', allow, router)",
      (app) => app.use('/admin', readers(), express.Router().get('/x', fine)),
      '/admin/x',
    ],
    [
      "app.use('/admin', allow) and then the router",
      (app) => app.use('/admin', readers()).use('/admin', express.Router().get('/x', fine)),
      '/admin/x',
    ],
    ['an array of paths', (app) => app.use(['/a', '/admin'], readers(), express.Router().get('/x', fine)), '/admin/x'],
    ['a regular expression', (app) => app.use(/^\/admin/, readers(), express.Router().get('/x', fine)), '/admin/x'],
    ['router.use(allow)', (app) => app.use('/admin', nested(readers() as RequestHandler)), '/admin/x'],
    ['publicRoute', (app) => app.use('/admin', publicRoute(), express.Router().get('/x', fine)), '/admin/x'],
    ['a parameter', (app) => app.use('/:any', readers(), express.Router().get('/x', fine)), '/admin/x'],
  ])('%s covers what comes after it', async (_name, routes, path) => {
    const app = apiWith(routes);
    expect(() => assertDeclared(app)).not.toThrow(/not declared/);
    expect((await ask(app, path, as.app(['Mail.Read']))).status).toBe(200);
  });

  it('refuses for all of them', async () => {
    const app = apiWith((each) => each.use('/admin', readers(), express.Router().get('/x', secret)));
    expect([(await ask(app, '/admin/x')).status, (await ask(app, '/admin/x', as.app([]))).status, ran]).toEqual([
      401,
      403,
      [],
    ]);
  });

  it.each<[name: string, routes: (app: Express) => void, path: string]>([
    [
      'another path',
      (app) => app.use('/admin', readers()).use('/other', express.Router().get('/x', secret)),
      '/other/x',
    ],
    [
      'a longer path',
      (app) => app.use('/admin', readers()).use('/administration', express.Router().get('/x', secret)),
      '/administration/x',
    ],
    [
      'a shorter path',
      (app) => app.use('/admin/more', readers()).use('/admin', express.Router().get('/x', secret)),
      '/admin/x',
    ],
    [
      'the same expression without regard to case',
      (app) => app.use(/^\/admin/, readers()).use(/^\/admin/i, express.Router().get('/x', secret)),
      '/ADMIN/x',
    ],
    [
      'another array',
      (app) => app.use(['/a', '/b'], readers()).use(['/a', '/c'], express.Router().get('/x', secret)),
      '/c/x',
    ],
  ])('does not cover %s', async (_name, routes, path) => {
    const app = apiWith(routes);
    expect(() => assertDeclared(app)).toThrow(/not declared/);
    expect([(await ask(app, path, as.app(['Mail.Read']))).status, ran]).toEqual([500, []]);
  });
});

describe('what is no route', () => {
  const app = apiWith((each) => {
    each.get('/x', readers(), fine);
    each.post('/y', secret);
  });

  it.each<[name: string, method: Method, path: string, status: number]>([
    ['a path that is not there', 'get', '/nothing', 404],
    ['a method that is not there', 'delete', '/x', 404],
    ["OPTIONS, which Express answers with the route's methods", 'options', '/x', 200],
    ['OPTIONS of an undeclared route', 'options', '/y', 200],
    ['OPTIONS of nothing', 'options', '/nothing', 404],
    ['GET beside an undeclared POST', 'get', '/y', 404],
  ])('%s passes', async (_name, method, path, status) => {
    expect((await ask(app, path, undefined, method)).status).toBe(status);
  });

  it.each<[name: string, answer: RequestHandler]>([
    ['204', (_req, res) => void res.set('Access-Control-Allow-Origin', '*').status(204).end()],
    ['200 without a body', (_req, res) => void res.set('Content-Length', '0').end()],
    ['writeHead and end', (_req, res) => void res.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end()],
    [
      'writeHead(204) and end',
      (_req, res) => void res.writeHead(204, 'Fine', { 'Access-Control-Allow-Origin': '*' }).end(),
    ],
  ])('a preflight that a middleware after authenticate answers with %s passes', async (_name, answer) => {
    const behind = express()
      .use(authentication())
      .use((req, res, next) => (req.method === 'OPTIONS' ? answer(req, res, next) : next()))
      .use(tellError);
    const preflight = await ask(behind, '/x', undefined, 'options').set('Origin', 'https://web.test');
    expect(preflight.status).toBeLessThan(300);
  });

  it.each<[name: string, answer: RequestHandler]>([
    ['json', secret],
    ['send', (_req, res) => void res.send('"secret"')],
    ['write and end', (_req, res) => void [res.write(''), res.write('"secret"'), res.end()]],
    ['end with an encoding', (_req, res) => void res.end('"secret"', 'utf8')],
    ['writeHead and end', (_req, res) => void res.writeHead(200, { 'Content-Length': '8' }).end('"secret"')],
    ['flushHeaders and end', (_req, res) => void [res.flushHeaders(), res.end('"secret"')]],
    ['the Allow header and more', (_req, res) => void res.set('Allow', 'GET').end('GET "secret"')],
  ])('a handler that is no route gives nothing away to OPTIONS: %s', async (_name, answer) => {
    const terminal = express().use(authentication()).use('/x', answer).use(tellError);
    const { text, status } = await ask(terminal, '/x', undefined, 'options');
    expect([status, text.includes('"secret"')]).toEqual([500, false]);
  });

  it('passes the answer of a not-found handler and of an error handler', async () => {
    const custom = express()
      .use(authentication())
      .get('/broken', readers(), () => {
        throw new Error('broken');
      })
      .use((_req: express.Request, res: express.Response) => void res.status(404).json({ mine: 404 }));
    custom.use(
      (_error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) =>
        void res.status(500).json({ mine: 500 }),
    );
    expect((await ask(custom, '/nothing')).body).toEqual({ mine: 404 });
    expect((await ask(custom, '/broken', as.user('Mail.Read'))).body).toEqual({ mine: 500 });
  });
});

describe('routes that come later', () => {
  it('are caught by the second net first, then by the first', async () => {
    const router = express.Router();
    const app = apiWith((each) => each.get('/known', readers(), fine).use('/n', router));
    await ask(app, '/known', as.user('Mail.Read'));
    router.get('/x', secret);
    const [first, second] = [await ask(app, '/n/x'), await ask(app, '/n/x')];
    expect([first.status, second.status]).toEqual([500, 500]);
    expect(first.text + second.text).not.toContain('"secret"');
    expect(ran).toEqual(['GET /x']);
  });

  it('are caught by the first net where they are added to the app itself', async () => {
    const app = express().use(authentication());
    await ask(app, '/nothing');
    app.get('/x', secret);
    expect([(await ask(app, '/x')).status, ran]).toEqual([500, []]);
  });

  it('are caught by the first net where the app has got another router with as many layers', async () => {
    const guard = authentication();
    const app = express().use(guard).get('/x', readers(), fine).get('/y', readers(), fine);
    expect((await ask(app, '/x', as.user('Mail.Read'))).status).toBe(200);
    const [name, value] = isExpress4 ? ['_router', undefined] : ['router', express.Router()];
    Object.defineProperty(app, name, { value, writable: true });
    app.use(guard).get('/x', readers(), fine).get('/later', secret);
    expect((await ask(app, '/later', as.user('Mail.Read'))).status).toBe(500);
    expect(ran).toEqual([]);
  });

  it('add one guard to each route, however often the app is looked at again', async () => {
    const app = apiWith((each) => {
      each.get('/x', secret);
      each.use('/terminal', secret);
    });
    await ask(app, '/terminal');
    const guarded = handlersOf(app, '/x');
    expect(guarded).not.toEqual([secret]);
    for (let turn = 0; turn < 5; turn++) {
      app.get(`/more/${turn}`, readers(), fine);
      await ask(app, '/x');
    }
    expect(handlersOf(app, '/x')).toEqual(guarded);
  });

  it('are guarded without disturbing a request that is on its way through one', async () => {
    const passed: string[] = [];
    let goOn = () => {};
    const begun = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const app = express();
    app.get(
      '/before',
      (_req, _res, next) => void [passed.push('first'), begun.then(() => next())],
      (_req, res) => void [passed.push('second'), res.json({})],
    );
    app.use(authentication()).get('/x', secret);
    const slow = ask(app, '/before').then(({ status }) => status);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await ask(app, '/x')).status).toBe(500);
    goOn();
    expect([await slow, passed]).toEqual([200, ['first', 'second']]);
  });

  it('add one guard for two authenticates', async () => {
    const app = express().use(authentication()).use(authentication()).get('/x', secret);
    await ask(app, '/x');
    const guarded = handlersOf(app, '/x');
    expect(guarded).not.toEqual([secret]);
    app.get('/more', readers(), fine);
    await ask(app, '/x');
    expect(handlersOf(app, '/x')).toEqual(guarded);
  });
});

describe('a mounted app', () => {
  it('gives nothing away, though its routes cannot be seen', async () => {
    const inner = express().get('/x', secret).get('/y', readers(), fine).use('/z', secret);
    const app = apiWith((each) => each.use('/inner', inner));
    for (const path of ['/inner/x', '/inner/z', '/inner/x'])
      expect([
        (await ask(app, path)).status,
        (await ask(app, path, as.user('Mail.Read'))).text.includes('"secret"'),
      ]).toEqual([500, false]);
    expect((await ask(app, '/inner/y', as.user('Mail.Read'))).status).toBe(200);
  });

  it('is refused before its handler runs where authenticate stands in it', async () => {
    const inner = express().use(authentication()).get('/x', secret);
    const app = express().use('/inner', inner);
    expect([(await ask(app, '/inner/x')).status, ran]).toEqual([500, []]);
    expect(() => assertDeclared(inner)).toThrow(/GET \/x/);
  });

  it('speaks for the app that it is mounted in after its first request', async () => {
    const inner = apiWith((app) => void app.get('/x', readers(), fine));
    expect((await ask(inner, '/x', as.user('Mail.Read'))).status).toBe(200);
    const outer = express().use(inner).get('/later', secret);
    expect((await ask(outer, '/later', as.user('Mail.Read'))).status).toBe(500);
    expect(ran).toEqual([]);
  });

  it('is covered by a declaration before it', async () => {
    const app = apiWith((each) => each.use('/inner', readers(), express().get('/x', fine)));
    expect([(await ask(app, '/inner/x')).status, (await ask(app, '/inner/x', as.user('Mail.Read'))).status]).toEqual([
      401, 200,
    ]);
  });
});

describe("undeclared: 'report'", () => {
  const notices: unknown[] = [];
  const listen = (message: unknown) => void notices.push(message);
  const noticed = (method: string) => ({ code: 'undeclared_route', method });
  const api = (changes: Changes = { undeclared: 'report' }) =>
    apiWith((app) => {
      app.route('/x/:id').get(secret).post(secret);
      app.use('/terminal', secret);
      app.get('/list', allow(application('Mailbox.OwnedBy').ownedOnly(mailboxRecord().mailbox)), secret);
    }, changes);

  it('lets a route through and says so once', async () => {
    subscribe(channels.notice, listen);
    const app = api();
    expect((await ask(app, '/x/1')).body).toEqual({ secret: true });
    expect((await ask(app, '/x/2')).body).toEqual({ secret: true });
    expect((await ask(app, '/x/2', undefined, 'post')).body).toEqual({ secret: true });
    expect((await ask(app, '/terminal')).body).toEqual({ secret: true });
    unsubscribe(channels.notice, listen);
    expect(notices).toEqual([
      { ...noticed('GET'), route: '/x/:id', message: expect.stringContaining('GET /x/:id is not declared') },
      { ...noticed('POST'), route: '/x/:id', message: expect.stringContaining('POST /x/:id is not declared') },
      { ...noticed('GET'), route: undefined, message: expect.stringContaining('not a route') },
    ]);
  });

  it('still refuses a bad token, and a list whose reach is not read', async () => {
    expect((await ask(api(), '/x/1', 'a.b.c')).status).toBe(401);
    expect((await ask(api(), '/list', as.app(['Mailbox.OwnedBy']))).status).toBe(500);
  });
});

describe('assertDeclared', () => {
  const { mailbox } = mailboxRecord();
  const scope = () => delegated('Mail.Read');

  it.each<[name: string, routes: (app: Express) => void]>([
    ['no parameter', (app) => app.get('/x', allow(scope()), fine)],
    ['a bare application grant', (app) => app.get('/x/:id', allow(application('Mail.Read')), fine)],
    ['.owned', (app) => app.get('/x/:id', allow(scope().owned(mailbox)), fine)],
    ['.onAnyRecord', (app) => app.get('/x/:id', allow(scope().onAnyRecord()), fine)],
    ['.withUserRole', (app) => app.get('/x/:id', allow(scope().withUserRole('Dispatcher')), fine)],
    ['.when', (app) => app.get('/x/:id', allow(scope().when('it', () => true)), fine)],
    ['publicRoute', (app) => app.get('/x/:id', publicRoute(), fine)],
    [
      'a bare grant beside a narrowed one',
      (app) => app.get('/x/:id', allow(scope().owned(mailbox), delegated('Mail.Write')), fine),
    ],
    [
      'a second allow that narrows',
      (app) =>
        app.use(
          '/x',
          allow(delegated('Mail.Write')),
          express.Router().get('/:id', allow(scope().owned(mailbox)), fine),
        ),
    ],
  ])('is content with %s', (_name, routes) => {
    expect(() => assertDeclared(apiWith(routes))).not.toThrow();
  });

  it.each<[name: string, routes: (app: Express) => void]>([
    ['a parameter', (app) => app.get('/x/:id', allow(scope()), fine)],
    ['a wildcard', (app) => app.get(`/x/${wildcard}`, allow(scope()), fine)],
    ['a regular expression with a group', (app) => app.get(/^\/x\/(\d+)$/, allow(scope()), fine)],
    ['a parameter of the router', (app) => app.use('/:id', express.Router().get('/x', allow(scope()), fine))],
    ['an array of paths', (app) => app.get(['/x', '/x/:id'], allow(scope()), fine)],
    ['two allow that are both bare', (app) => app.get('/x/:id', allow(scope()), allow(delegated('Mail.Write')), fine)],
    ['allow in use()', (app) => app.use(allow(scope())).get('/x/:id', fine)],
  ])('asks "every record?" of a bare delegated grant with %s', (_name, routes) => {
    expect(() => assertDeclared(apiWith(routes))).toThrow(
      /every user, every record\?.*\.owned\(record\), or \.onAnyRecord\(\)/,
    );
  });

  it('lists every finding', () => {
    const app = apiWith((each) => each.get('/a', fine).post('/b', fine).get('/c/:id', allow(scope()), fine));
    expect(() => assertDeclared(app)).toThrow(/found 3:\n {2}GET \/a.*\n {2}POST \/b.*\n {2}GET \/c\/:id/);
  });

  it('takes a router too, and an app without a route', () => {
    expect(() => assertDeclared(express.Router().get('/x', fine))).toThrow(/GET \/x/);
    expect(() => assertDeclared(express())).not.toThrow();
  });

  it.each([undefined, null, {}, { stack: 'none' }, () => {}])('of %s is an error, not a pass', (app) => {
    expect(() => assertDeclared(app as never)).toThrow(/assertDeclared\(app\)/);
  });
});

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly handle: unknown }[] };
}

/** What stands in the route at a path. */
function handlersOf(app: Express, path: string): unknown[] {
  const route = stackOf(app).find((layer) => layer.route?.path === path)?.route;
  return route?.stack.map(({ handle }) => handle) ?? [];
}

function stackOf(app: Express): readonly Layer[] {
  const { _router, router } = isExpress4
    ? { ...(app as unknown as { _router: { stack: Layer[] } }), router: undefined }
    : { _router: undefined, router: app.router };
  return (_router ?? (router as unknown as { stack: Layer[] })).stack;
}

describe('route.all beside methods of its own', () => {
  const app = apiWith((app) => {
    app
      .route('/x')
      .all((_req, _res, next) => next())
      .get(readers(), fine);
    app.route('/y').all(secret).get(readers(), fine);
  });

  it('is a middleware for them', async () => {
    expect((await ask(app, '/x', as.user('Mail.Read'))).status).toBe(200);
    expect((await ask(app, '/x', undefined)).status).toBe(401);
    expect((await ask(app, '/x', as.user('Mail.Read'), 'put')).status).toBe(404);
  });

  it('answers no one by itself', async () => {
    for (const method of ['get', 'put'] as const) {
      const answer = await ask(app, '/y', as.user('Mail.Read'), method);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('"secret"');
    }
  });
});

describe('a record whose parameter the path does not have', () => {
  const mailbox = record({ name: 'mailbox', find: () => undefined, owners: () => [], notOwner: 'forbidden' });
  const owned = () => allow(delegated('Mail.Read').owned(mailbox));

  it.each(['/x', '/x/:mailbox', '/:ident/x', '/id'])('is found at the start: %s', (path) => {
    expect(() => assertDeclared(apiWith((app) => app.get(path, owned(), fine)))).toThrow(
      /record 'mailbox' is looked for by ':id', which is not in this path/,
    );
  });

  it.each(['/x/:id', '/:a/:id/y', '/x/:id.json'])('is not found in %s', (path) => {
    expect(() => assertDeclared(apiWith((app) => app.get(path, owned(), fine)))).not.toThrow();
  });
});

it('an option of record that is misspelt is an error at the start', () => {
  const options = { name: 'mailbox', find: () => undefined, owners: () => [], notOwner: 'forbidden', parma: 'x' };
  expect(() => record(options as never)).toThrow(/'parma' is not an option/);
});
