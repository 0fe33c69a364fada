import express, { type Express, type RequestHandler } from 'express';
import {
  allow,
  describeGrant,
  type InventoryOptions,
  inventory,
  type Middleware,
  type Operation,
  publicRoute,
} from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import { declareOperations } from '../../src/express/index.js';
import { apiWith, application, as, ask, delegated, isExpress4, mailboxRecord } from '../express/api.js';

const fine: RequestHandler = (_req, res) => void res.json({});
const readers = () => allow(delegated('Mail.Read'), application('Mail.Read'));
const wildcard = isExpress4 ? '*' : '*rest';
const { mailbox } = mailboxRecord();

/** `GET /x: application Mail.Read or delegated Mail.Read; and …` */
function line({ method, path, parameters, isPublic, allows }: Operation): string {
  const who = allows.map((grants) => grants.map(describeGrant).join(' or ')).join('; and ');
  const names = parameters.length === 0 ? '' : ` (${parameters.join(', ')})`;
  return `${method} ${path}${names}: ${isPublic ? 'public' : who || 'not declared'}`;
}

const lines = (app: object, options?: InventoryOptions) => inventory(app, options).operations.map(line);
const reads = 'delegated Mail.Read or application Mail.Read';

describe('operations', () => {
  it.each<[name: string, routes: (app: Express) => void, ...operations: string[]]>([
    ['a route', (app) => app.get('/x', readers(), fine), `GET /x: ${reads}`],
    ['the root', (app) => app.get('/', readers(), fine), `GET /: ${reads}`],
    ['a public route', (app) => app.get('/x', publicRoute(), fine), 'GET /x: public'],
    ['a route that is not declared', (app) => app.get('/x', fine), 'GET /x: not declared'],
    [
      'parameters',
      (app) => app.get('/x/:id/y/:other_1.json', readers(), fine),
      `GET /x/:id/y/:other_1.json (id, other_1): ${reads}`,
    ],
    [
      'methods of one route, in their order',
      (app) => app.route('/x').post(readers(), fine).get(publicRoute(), fine),
      `POST /x: ${reads}`,
      'GET /x: public',
    ],
    ['HEAD with GET', (app) => app.get('/x', readers(), fine), `GET /x: ${reads}`],
    [
      'HEAD of its own',
      (app) => app.head('/x', publicRoute(), fine).get('/x', readers(), fine),
      'HEAD /x: public',
      `GET /x: ${reads}`,
    ],
    ['route.all', (app) => app.route('/x').all(readers(), fine), `ALL /x: ${reads}`],
    [
      'route.all before methods, as what it is for them',
      (app) =>
        app
          .route('/x')
          .all(readers())
          .get(fine)
          .post(allow(application('App.Only')), fine),
      `GET /x: ${reads}`,
      `POST /x: ${reads}; and application App.Only`,
    ],
    ['app.all', (app) => app.all('/x', readers(), fine), `ALL /x: ${reads}`],
    [
      'each path of an array',
      (app) => app.get(['/x', '/y/:id'], readers(), fine),
      `GET /x: ${reads}`,
      `GET /y/:id (id): ${reads}`,
    ],
    [
      'a regular expression, as it is written',
      (app) => app.get(/^\/x\/(\d+)\/(?<kind>\w+)$/, readers(), fine),
      `GET /^\\/x\\/(\\d+)\\/(?<kind>\\w+)$/ (0, kind): ${reads}`,
    ],
    [
      'an array with a regular expression',
      (app) => app.get(['/a', /^\/x\d$/], readers(), fine),
      `GET /a: ${reads}`,
      `GET /^\\/x\\d$/: ${reads}`,
    ],
    [
      'a wildcard',
      (app) => app.get(`/x/${wildcard}`, readers(), fine),
      `GET /x/${wildcard} (${isExpress4 ? '0' : 'rest'}): ${reads}`,
    ],
    [
      'every allow on the way, in order',
      (app) => app.use(allow(application('App.Only'))).get('/x', readers(), allow(application('Mailbox.All')), fine),
      `GET /x: application App.Only; and ${reads}; and application Mailbox.All`,
    ],
    [
      'publicRoute beside allow, which must pass',
      (app) => app.use(publicRoute()).get('/x', readers(), fine).get('/y', fine),
      `GET /x: ${reads}`,
      'GET /y: public',
    ],
    ['a router at the root', (app) => app.use(express.Router().get('/x', readers(), fine)), `GET /x: ${reads}`],
    [
      'nothing but middleware',
      (app) => app.use(express.json(), (_req, _res, next) => next()).use('/static', express.static('.')),
    ],
  ])('%s', (_name, routes, ...operations) => {
    const { operations: found } = inventory(apiWith(routes));
    expect(found.map(line)).toEqual(operations);
    expect(found.every(({ isPathKnown }) => isPathKnown)).toBe(true);
  });

  it('of a router by itself', () => {
    expect(lines(express.Router().get('/x', readers(), fine))).toEqual([`GET /x: ${reads}`]);
  });

  it('of an app without a route', () => {
    expect(inventory(express())).toEqual({ operations: [], findings: [] });
  });

  it('carry the grants themselves', () => {
    const grant = application('Mailbox.OwnedBy').owned(mailbox);
    const { operations } = inventory(apiWith((app) => app.get('/x/:id', allow(grant), fine)));
    expect(operations[0]?.allows[0]?.[0]).toBe(grant);
  });

  it('are the same after the app has answered', async () => {
    const app = apiWith((each) =>
      each.all('/x', fine).get('/y', readers(), fine).use('/n', express.Router().get('/z', fine)),
    );
    const before = inventory(app);
    await ask(app, '/x', as.app([]));
    expect(inventory(app)).toEqual(before);
  });
});

interface HasRouter {
  readonly _router?: { readonly stack: { rawPath?: unknown }[] };
  readonly router: { readonly stack: { rawPath?: unknown }[] };
}

/** As routers before 2.3 are, which do not keep the path. */
function withoutPaths(app: Express): Express {
  const each = app as unknown as HasRouter;
  for (const layer of (each._router ?? each.router).stack) delete layer.rawPath;
  return app;
}

describe('nested routers', () => {
  const inner = express.Router({ mergeParams: true }).get('/x', readers(), fine);
  const outer = express.Router().use('/:tenant/m', inner).get('/y', readers(), fine);
  const app = apiWith((each) => each.use('/n', outer));

  it('have their whole path where Express remembers it', () => {
    const several = apiWith((each) => each.use(['/a', '/b'], inner).use(/^\/c\/(\d+)/, inner));
    expect([...lines(app), ...lines(several)]).toEqual(
      isExpress4
        ? [`GET /…/…/x (tenant): ${reads}`, `GET /…/y: ${reads}`, `GET /…/x: ${reads}`, `GET /…/x (0): ${reads}`]
        : [
            `GET /n/:tenant/m/x (tenant): ${reads}`,
            `GET /n/y: ${reads}`,
            `GET /a/x: ${reads}`,
            `GET /b/x: ${reads}`,
            `GET /^\\/c\\/(\\d+)//x (0): ${reads}`,
          ],
    );
  });

  it('are said to be unknown where Express does not remember the path', () => {
    const forgetful = isExpress4
      ? app
      : withoutPaths(
          apiWith((each) => each.use('/n', express.Router().get('/x', readers(), fine).get('/y', readers(), fine))),
        );
    const { operations, findings } = inventory(forgetful);
    expect(operations.map(({ path, isPathKnown }) => [path, isPathKnown])).toEqual([
      [isExpress4 ? '/…/…/x' : '/…/x', false],
      ['/…/y', false],
    ]);
    expect(findings.map(({ code }) => code)).toContain('unknown_path');
    expect(findings.map(({ message }) => message).join()).toMatch(
      /Express does not remember where the router of GET \/….*\/x.* is mounted. Name it/,
    );
  });

  it('are where mounted says', () => {
    const mounted = [
      { path: '/n', app: outer },
      { path: '/n/:tenant/m', app: inner },
    ];
    const expected = [`GET /n/:tenant/m/x (tenant): ${reads}`, `GET /n/y: ${reads}`];
    expect(lines(app, { mounted })).toEqual(expected);
    const router = express.Router().get('/x', allow(application('Mail.Read')), fine);
    const forgetful = withoutPaths(apiWith((each) => each.use('/n/:id', router).use('/m', router)));
    const named = ['/m', '/n/:id'].map((path) => ({ path, app: router }));
    expect(lines(forgetful, { mounted: named })).toEqual([
      'GET /n/:id/x (id): application Mail.Read',
      'GET /m/x: application Mail.Read',
    ]);
    expect(inventory(forgetful, { mounted: named }).findings).toEqual([]);
  });

  it.each(['/m', '/n/:else', '/n/1', '/n/:id/more', '/'])('are not believed to be at %s', (path) => {
    const router = express.Router().get('/x', readers(), fine);
    const forgetful = withoutPaths(apiWith((each) => each.use('/n/:id', router)));
    const { operations, findings } = inventory(forgetful, { mounted: [{ path, app: router }] });
    expect(operations.map(({ isPathKnown }) => isPathKnown)).toEqual([false]);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['mounted_not_found', 'unknown_path']));
  });
});

describe('mounted apps', () => {
  const inner = () => express().get('/x', readers(), fine).get('/y', publicRoute(), fine);

  it('are hidden, and said to be', () => {
    const { operations, findings } = inventory(apiWith((app) => app.use('/inner', inner())));
    expect(operations).toEqual([]);
    expect(findings).toEqual([
      { code: 'hidden_app', path: isExpress4 ? '/…' : '/inner', message: expect.stringContaining('mounted: [{ path:') },
    ]);
  });

  it('are listed where mounted names them, with what stands before them', () => {
    const mounted = inner();
    const app = apiWith((each) => each.use('/inner', allow(application('App.Only')), mounted));
    expect(inventory(app, { mounted: [{ path: '/inner', app: mounted }] })).toMatchObject({ findings: [] });
    expect(lines(app, { mounted: [{ path: '/inner', app: mounted }] })).toEqual([
      `GET /inner/x: application App.Only; and ${reads}`,
      'GET /inner/y: application App.Only',
    ]);
  });

  it('are listed in each other', () => {
    const innermost = inner();
    const middle = express().use('/b', innermost);
    const app = apiWith((each) => each.use('/a', middle));
    const mounted = [
      { path: '/a/b', app: innermost },
      { path: '/a', app: middle },
    ];
    expect(lines(app, { mounted })).toEqual([`GET /a/b/x: ${reads}`, 'GET /a/b/y: public']);
    expect(inventory(app, { mounted: mounted.slice(1) }).findings.map(({ code }) => code)).toEqual(['hidden_app']);
  });

  it('are told from one another by their order, where two are at one path', () => {
    const [first, second] = [express().get('/1', readers(), fine), express().get('/2', readers(), fine)];
    const app = apiWith((each) => each.use('/inner', first).use('/inner', allow(application('App.Only')), second));
    const mounted = [first, second].map((each) => ({ path: '/inner', app: each }));
    expect(lines(app, { mounted })).toEqual([
      `GET /inner/1: ${reads}`,
      `GET /inner/2: application App.Only; and ${reads}`,
    ]);
  });

  it('need no name where they are mounted in a router, at the root or where the path is kept', () => {
    expect(lines(apiWith((each) => each.use(express.Router().use(inner()))))).toEqual([
      `GET /x: ${reads}`,
      'GET /y: public',
    ]);
  });

  it('are not believed to be where they are not', () => {
    const mounted = inner();
    const app = apiWith((each) => each.use('/inner', mounted));
    for (const named of [
      { path: '/other', app: mounted },
      { path: '/inner', app: inner() },
      { path: '/inner', app: express.Router() },
    ]) {
      const codes = inventory(app, { mounted: [named] }).findings.map(({ code }) => code);
      expect(codes).toEqual(['hidden_app', 'mounted_not_found']);
    }
  });
});

describe('a function of the application that calls a router', () => {
  const router = express.Router().get('/x', readers(), fine);
  const call: RequestHandler = (req, res, next) => router(req, res, next);

  it('is not told from other middleware', () => {
    expect(inventory(apiWith((app) => app.use('/n', call)))).toEqual({ operations: [], findings: [] });
  });

  it('is listed where mounted names it, with what certainly stands before it', () => {
    const app = apiWith((each) => each.use(allow(application('App.Only'))).use('/n', call));
    const mounted = [{ path: '/n', app: router }];
    expect(lines(app, { mounted })).toEqual([`GET /n/x: application App.Only; and ${reads}`]);
    expect(inventory(app, { mounted }).findings).toEqual([]);
  });

  it('is not covered by a declaration that may come after it', () => {
    const open = express.Router().get('/x', fine);
    const callOpen: RequestHandler = (req, res, next) => open(req, res, next);
    const app = apiWith((each) => each.use('/n', callOpen).use('/n', readers(), express.json()));
    expect(lines(app, { mounted: [{ path: '/n', app: open }] })).toEqual(['GET /n/x: not declared']);
  });
});

describe('a middleware that brings its operations', () => {
  const operation = (method: string, path: string, ...parameters: string[]): Operation => ({
    method,
    path,
    isPathKnown: true,
    parameters,
    isPublic: false,
    allows: [[application('Mail.Read')]],
  });
  const enforce = () =>
    declareOperations<Middleware>(
      (_req, _res, next) => next(),
      () => [operation('GET', '/users/:id', 'id'), operation('POST', '/users')],
    );

  it('has them listed, below its own path', () => {
    const app = apiWith((each) => each.use(allow(application('App.Only'))).use(enforce()));
    expect(lines(app)).toEqual([
      'GET /users/:id (id): application App.Only; and application Mail.Read',
      'POST /users: application App.Only; and application Mail.Read',
    ]);
    const below = inventory(apiWith((each) => each.use('/v1', enforce()))).operations;
    expect(below.map(({ path, isPathKnown }) => [path, isPathKnown])).toEqual(
      isExpress4
        ? [
            ['/…/users/:id', false],
            ['/…/users', false],
          ]
        : [
            ['/v1/users/:id', true],
            ['/v1/users', true],
          ],
    );
  });

  it('declares the routes after it', () => {
    const app = apiWith((each) => each.use(enforce()).get('/users/:user', fine).post('/users', readers(), fine));
    expect(lines(app)).toEqual([
      'GET /users/:user (user): application Mail.Read',
      `POST /users: application Mail.Read; and ${reads}`,
    ]);
    expect(inventory(app).findings).toEqual([]);
  });

  it('lets no one reach what it does not list', () => {
    const app = apiWith((each) => each.use(enforce()).get('/other', fine).all(`/${wildcard}`, fine));
    expect(lines(app)).toEqual(['GET /users/:id (id): application Mail.Read', 'POST /users: application Mail.Read']);
    expect(inventory(app).findings.map(({ code, path }) => [code, path])).toEqual([['not_in_document', '/other']]);
  });

  it('says nothing of what is before it', () => {
    const app = apiWith((each) => each.get('/users/:id', fine).use(enforce()));
    expect(lines(app)[2]).toBe('GET /users/:id (id): not declared');
  });
});

describe('options', () => {
  const app = express();
  it.each<[name: string, options: unknown, message: RegExp]>([
    ['a name that is none', { mouted: [] }, /inventory: 'mouted' is not an option/],
    ['mounted that is no list', { mounted: { path: '/x', app } }, /mounted is a list/],
    ['mounted without a path', { mounted: [{ app }] }, /says where its app is/],
    ['mounted with half a path', { mounted: [{ path: 'x', app }] }, /says where its app is/],
    ['mounted with an unknown path', { mounted: [{ path: '/…', app }] }, /says where its app is/],
    ['mounted without an app', { mounted: [{ path: '/x' }] }, /mounted '\/x' has no Express app/],
    ['permissions that are none', { permissions: { Mail: {} } }, /what definePermissions\(\{ … \}\) returned/],
  ])('%s: an error', (_name, options, message) => {
    expect(() => inventory(app, options as never)).toThrow(message);
  });

  it.each([undefined, null, {}, { stack: [] }, () => {}])('of %s is an error', (what) => {
    expect(() => inventory(what as never)).toThrow(/inventory\(app\) takes an Express app or a router/);
  });
});
