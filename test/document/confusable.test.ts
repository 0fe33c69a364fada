import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import { allow } from 'express-app-roles';
import { permissionsFromDocument } from 'express-app-roles/document';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { as, ask, authentication, tellError } from '../express/api.js';

/** Each path has a permission of its own, which opens nothing else. */
const openedBy: Readonly<Record<string, string>> = {
  '/admin': 'Admin',
  '/:id': 'Any',
  '/items/export': 'Export',
  '/items/:id': 'Item',
  '/items/:id/files/secret': 'Secret',
  '/items/:id/files/:file': 'File',
};
const schemes = { Application: { adminDisplayName: 'Do it', adminDescription: 'Lets the app do it.' } };
const permissions = permissionsFromDocument({
  permissions: Object.fromEntries(
    Object.entries(openedBy).map(([path, name]) => [
      `${name}.Do`,
      {
        schemes,
        pathSets: [
          {
            schemeKeys: ['Application'],
            methods: ['GET', 'DELETE'],
            paths: { [path.replaceAll(/:(\w+)/g, '{$1}')]: '' },
          },
        ],
      },
    ]),
  ),
});
const tokenFor = (name: string) => as.app([`${name}.Do`]);

/** Every route says which permission opens it, and no route asks for it. */
function addRoutes(router: Pick<Router, 'route'>, paths: readonly string[], prefix = ''): void {
  for (const path of paths) {
    router.route(path).get((_req: Request, res: Response) => void res.json({ opens: openedBy[`${prefix}${path}`] }));
  }
}

function protectedApp(configure: (app: Express) => void = () => {}): Express {
  const app = express();
  configure(app);
  app.use(authentication({ permissions }), permissions.enforce());
  return app;
}

const paths = Object.keys(openedBy);
const below = (prefix: string) =>
  paths.filter((path) => path.startsWith(`${prefix}/`)).map((path) => path.slice(prefix.length));
const apps: Readonly<Record<string, { readonly app: Express; readonly prefix?: string }>> = {
  'routes of the app': { app: withRoutes(protectedApp()) },
  'strict and case-sensitive routing': {
    app: withRoutes(
      protectedApp((app) => {
        app.enable('strict routing');
        app.enable('case sensitive routing');
      }),
    ),
  },
  'nested routers': { app: withNestedRouters(protectedApp()) },
  'a path that it is mounted at': { app: mountedApp(), prefix: '/v1' },
};

function withRoutes(app: Express): Express {
  addRoutes(app, paths);
  app.use(tellError);
  return app;
}

function withNestedRouters(app: Express): Express {
  const items = express.Router();
  addRoutes(items, below('/items'), '/items');
  app.use('/items', items);
  addRoutes(app, ['/admin', '/:id']);
  app.use(tellError);
  return app;
}

function mountedApp(): Express {
  const app = express();
  const api = express.Router();
  api.use(permissions.enforce());
  addRoutes(api, paths);
  app.use(authentication({ permissions }));
  app.use('/v1', api);
  app.use(tellError);
  return app;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const servers = await Promise.all(
  Object.entries(apps).map(async ([name, { app, prefix = '' }]) => {
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { name, prefix, server, port: (server.address() as AddressInfo).port };
  }),
);
afterAll(() => {
  agent.destroy();
  for (const { server } of servers) server.close();
});

/** Sends the path as it is: nothing normalizes it. */
async function send(port: number, path: string, token: string): Promise<{ status: number; opens: unknown }> {
  const outgoing = request({ agent, host: '127.0.0.1', port, path, headers: { Authorization: `Bearer ${token}` } });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, opens: text.startsWith('{') ? JSON.parse(text).opens : undefined };
}

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('admin', 'items', 'export', 'files', 'secret', '1') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'ADMIN',
      'Export',
      '%61dmin',
      'expor%74',
      '%2e',
      '..',
      '.',
      '%2F',
      '%5c',
      '\\',
      ';x',
      '%3Bx',
      '%00',
      '%20',
      '%',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('#', '?', '|', ':', '$', '(', "'", '\u00e9', '\u00a0', '%c3%a9', '%E2%84%AA'),
  },
);
/** A path of the document with something put into it, or in the place of a part of it. */
const path = fc
  .tuple(
    fc.constantFrom(...paths),
    fc.constantFrom('1', 'admin', 'export', 'secret'),
    fc.array(piece, { maxLength: 2 }),
    fc.nat(),
    fc.boolean(),
  )
  .map(([route, value, pieces, place, isInstead]) => {
    const parts = route.replaceAll(/:\w+/g, value).split(/(?=\/)|(?<=\/)/);
    parts.splice(1 + (place % parts.length), isInstead && pieces.length > 0 ? 1 : 0, ...pieces);
    return parts.join('');
  });

describe.each(servers)('$name', ({ name, prefix, port }) => {
  it('each permission opens its own path', async () => {
    for (const [route, opens] of Object.entries(openedBy)) {
      const answer = await send(port, `${prefix}${route.replaceAll(/:\w+/g, 'x')}`, tokenFor(opens));
      expect(answer).toEqual({ status: 200, opens });
    }
  });

  it('no way of writing a path leads to a handler that another permission opens', async () => {
    const opened = new Set<string>();
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom(...Object.values(openedBy)), async (asked, held) => {
        const { status, opens } = await send(port, `${prefix}${asked}`, tokenFor(held));
        if (opens !== undefined) opened.add(held);
        expect([status < 300 ? opens : held, asked]).toEqual([held, asked]);
      }),
      { numRuns: 600, seed: 6 },
    );
    expect(opened.size, name).toBe(Object.keys(openedBy).length);
  });

  it.each([
    ['another case', '/ADMIN', 'Any'],
    ['an encoded letter', '/%61dmin', 'Any'],
    ['a parameter of a segment', '/admin;x=1', 'Any'],
    ['an encoded semicolon', '/admin%3Bx', 'Any'],
    ['a slash at the end', '/admin/', 'Any'],
    ['an empty segment', '//admin', 'Any'],
    ['an empty segment within', '/items//export', 'Item'],
    ['a dot', '/./admin', 'Any'],
    ['two dots', '/x/../admin', 'Any'],
    ['encoded dots', '/items/%2e%2E', 'Item'],
    ['an encoded slash', '/items%2Fexport', 'Any'],
    ['an encoded slash in a parameter', '/items/a%2Fb', 'Item'],
    ['an encoded backslash', '/items/a%5cb', 'Item'],
    ['a backslash', '/items\\export', 'Any'],
    ['a fragment', '/admin#/x', 'Any'],
    ['a fragment behind a query', '/items\\1?#', 'Item'],
    ['an encoded zero', '/items/a%00', 'Item'],
    ['what is no UTF-8', '/items/%C0%AE', 'Item'],
    ['half of an encoding', '/items/%4', 'Item'],
  ])('%s opens nothing to whoever may call the parameter', async (_name, asked, held) => {
    const { status, opens } = await send(port, `${prefix}${asked}`, tokenFor(held));
    expect([[400, 403, 404].includes(status), opens]).toEqual([true, undefined]);
  });
});

describe('a route that is not what was decided', () => {
  let runs = 0;
  const tell = (_req: Request, res: Response) => {
    runs++;
    res.json({ answered: true });
  };
  const outcome = async (app: Express, path: string, held: string, method: 'get' | 'post' = 'get') => {
    app.use(tellError);
    runs = 0;
    const response = await ask(app, path, tokenFor(held), method).set('X-Method', 'DELETE');
    // What is refused in a route was refused before its handler ran; behind app.use, before a byte left.
    return [response.status, response.text.includes('answered') || (runs > 0 && path !== '/items/handler')];
  };

  it.each(['/items/archive', '/ITEMS/Archive/', ['/nothing', '/items/archive'], /^\/items\/archive$/])(
    'because the document does not know it: %s',
    async (route) => {
      const app = protectedApp();
      app.get(route, tell);
      app.get('/items/:id', tell);
      expect(await outcome(app, '/items/archive', 'Item')).toEqual([500, false]);
    },
  );

  const patterns =
    'lazyrouter' in express()
      ? ['/items/archiv?e', '/items/archive+', '/items/(archive)', '/items/:x(archive)']
      : ['/items{/archive}', '/items/{archive}', '/{items/archive}', '/items/archi{ve}'];
  it.each(patterns)('because its path is a pattern: %s', async (route) => {
    const app = protectedApp();
    app.get(route, tell);
    app.get('/items/:id', tell);
    expect(await outcome(app, '/items/archive', 'Item')).toEqual([500, false]);
    expect(await outcome(app, '/items/1', 'Item')).toEqual([200, true]);
  });

  it('because a router has a path that the document does not know', async () => {
    const app = protectedApp();
    app.use('/items/archive', express.Router().get('/files/:file', tell));
    const expected = 'lazyrouter' in app ? [200, true] : [500, false];
    expect(await outcome(app, '/items/archive/files/1', 'File')).toEqual(expected);
  });

  it('because the general one comes first', async () => {
    const app = protectedApp();
    app.get('/items/:id', tell);
    app.get('/items/export', tell);
    expect(await outcome(app, '/items/export', 'Export')).toEqual([500, false]);
    expect(await outcome(app, '/items/1', 'Item')).toEqual([200, true]);
  });

  it('because the method was rewritten afterwards', async () => {
    const app = protectedApp();
    app.use((req: Request, _res: Response, next: NextFunction) => {
      req.method = String(req.headers['x-method']);
      next();
    });
    app.delete('/items/:id', tell);
    expect(await outcome(app, '/items/1', 'Item')).toEqual([500, false]);
  });

  it('because the path was rewritten afterwards, to a route or to a handler', async () => {
    for (const isRoute of [true, false]) {
      const app = protectedApp();
      app.use((req: Request, _res: Response, next: NextFunction) => {
        req.url = '/items/export';
        next();
      });
      if (isRoute) app.get('/items/export', tell);
      else app.use('/items/export', tell);
      expect(await outcome(app, isRoute ? '/items/1' : '/items/handler', 'Item')).toEqual([500, false]);
    }
  });

  it('but one that declares itself may have been reached by rewriting', async () => {
    const app = protectedApp();
    app.use((req: Request, _res: Response, next: NextFunction) => {
      req.url = '/items/archive';
      next();
    });
    app.get('/items/archive', allow(permissions.application('Item.Do')), tell);
    expect(await outcome(app, '/items/1', 'Item')).toEqual([200, true]);
    expect(await outcome(app, '/items/1', 'Any')).toEqual([403, false]);
  });

  it('and what rewrites a request before is decided as it is then', async () => {
    const app = express();
    app.use((req: Request, _res: Response, next: NextFunction) => {
      req.method = 'DELETE';
      next();
    });
    app.use(authentication({ permissions }), permissions.enforce());
    app.delete('/items/:id', tell);
    expect(await outcome(app, '/items/1', 'Item', 'post')).toEqual([200, true]);
  });

  it('while one that serves many paths is what was decided', async () => {
    const app = protectedApp();
    app.get('/:collection/:id', tell);
    app.get('lazyrouter' in app ? '/*' : '/*rest', tell);
    expect(await outcome(app, '/items/1', 'Item')).toEqual([200, true]);
    expect(await outcome(app, '/items/1/files/2', 'File')).toEqual([200, true]);
    expect(await outcome(app, '/items/1', 'File')).toEqual([403, false]);
  });
});
