import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { allow, callerIfAny, callerOf, publicRoute } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import { apiWith, application, as, ask, authentication, delegated } from './api.js';

const readers = () => allow(delegated('Mail.Read'), application('Mail.Read'));

describe('what is known of a request', () => {
  it('is found by what a middleware makes of it', async () => {
    const app = apiWith((each) =>
      each.get('/', readers(), (req, res) => {
        const copies = [Object.create(req), new Proxy(req, {})] as Request[];
        res.json(copies.map((copy) => callerOf(copy) === callerOf(req)));
      }),
    );
    expect((await ask(app, '/', as.user('Mail.Read'))).body).toEqual([true, true]);
  });

  const strip: RequestHandler = (req, _res, next) => {
    delete req.headers.authorization;
    req.rawHeaders = [];
    next();
  };

  it.each<[name: string, routes: (app: Express) => void, anonymous: number, user: number]>([
    ['a declared route', (app) => app.use(strip).get('/', readers(), (_req, res) => void res.json({})), 401, 200],
    ['what is no route', (app) => app.use(strip, (_req, res) => void res.json({})), 500, 500],
    [
      'what answers after a refusal',
      (app) =>
        app
          .get('/', allow(application('Mailbox.All')), (_req, res) => void res.json({}))
          .use(
            ((_error, req, res, next) => strip(req, res, next)) satisfies ErrorRequestHandler,
            (_req: Request, res: express.Response) => void res.json({}),
          ),
      500,
      500,
    ],
  ])('does not go with its headers: %s', async (_name, routes, anonymous, user) => {
    const app = apiWith(routes);
    expect([(await ask(app, '/')).status, (await ask(app, '/', as.user('Mail.Read'))).status]).toEqual([
      anonymous,
      user,
    ]);
  });
});

/** A request within another one, and its response, which goes nowhere. */
function exchangeWithin(outer: Request, url: string, token: string | undefined, make: (members: object) => object) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const req = make({ method: 'GET', url, originalUrl: url, baseUrl: '', headers, rawHeaders: outer.rawHeaders });
  const res = new ServerResponse(req as IncomingMessage);
  Object.setPrototypeOf(res, Object.getPrototypeOf(outer.res));
  res.assignSocket(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }) as Socket);
  return { req, res, finished: once(res, 'finish') };
}

/** What an application may hand a request of its own to. */
type Handler = (req: object, res: object, next: (error?: unknown) => void) => void;

/** Has a router answer a request that inherits from another one. */
async function answerDerived(outer: Request, router: express.Router, token: string): Promise<ServerResponse> {
  const { req, res, finished } = exchangeWithin(outer, '/who', token, (members) =>
    Object.assign(
      Object.create(outer, { headers: { writable: true }, url: { writable: true }, route: { writable: true } }),
      members,
    ),
  );
  (router as Handler)(req, res, (error) => Object.assign(res, { callers: String(error) }).end());
  await finished;
  return res;
}

describe('requests that an application makes of another one', () => {
  it.each(['Mail.Send', 'Mail.Read', undefined])('and of its headers share nothing with it, for %s', async (scope) => {
    const answerWithin = async (outer: Request, url: string) => {
      const { req, res, finished } = exchangeWithin(outer, url, scope && as.user(scope), (members) => {
        const made = Object.assign(new IncomingMessage(new Socket()), members, { complete: true });
        made.push(null);
        return made;
      });
      (app as unknown as { handle: Handler }).handle(req, res, () => res.end());
      await finished;
      return res.statusCode;
    };
    const answers: unknown[] = [];
    const app = apiWith((each) => {
      each.get('/batch', readers(), async (req, res) => {
        const caller = callerOf(req);
        answers.push(await answerWithin(req, '/item'), await answerWithin(req, '/open'), callerOf(req) === caller);
        res.json({});
      });
      each.get('/item', readers(), (_req, res) => void res.json({}));
      each.get('/open', (_req, res) => void res.json({}));
    });
    expect((await ask(app, '/batch', as.user('Mail.Read'))).status).toBe(200);
    expect(answers).toEqual([scope === 'Mail.Read' ? 200 : scope ? 403 : 401, 500, true]);
  });

  it('and that run beside each other have callers of their own', async () => {
    const inner = express
      .Router()
      .use(authentication())
      .get('/who', readers(), (req, res) => {
        const before = callerOf(req);
        void wait(30).then(() => {
          Object.assign(res, { callers: [before.kind, callerOf(req).kind] });
          res.end();
        });
      });
    const answerWithin = async (outer: Request, token: string, after: number) => {
      await wait(after);
      const res = await answerDerived(outer, inner, token);
      return (res as ServerResponse & { callers?: unknown }).callers;
    };
    const app = apiWith((each) =>
      each.get('/batch', publicRoute(), async (req, res) => {
        const one = answerWithin(req, as.user('Mail.Read'), 0);
        const other = answerWithin(req, as.app(['Mail.Read']), 10);
        res.json({ callers: [await one, await other], outer: callerIfAny(req)?.kind ?? 'anonymous' });
      }),
    );
    const answer = await ask(app, '/batch');
    expect(answer.body).toEqual({
      callers: [
        ['delegated', 'delegated'],
        ['application', 'application'],
      ],
      outer: 'anonymous',
    });
  });

  it('and that are declared speak for their own answer alone', async () => {
    const inner = express
      .Router()
      .use(authentication())
      .get('/who', readers(), (_req, res) => void res.end());
    let status: number | undefined;
    const app = apiWith((each) =>
      each.use('/batch', async (req: Request, res: express.Response) => {
        status = (await answerDerived(req, inner, as.user('Mail.Read'))).statusCode;
        res.json({});
      }),
    );
    expect([(await ask(app, '/batch', as.user('Mail.Read'))).status, status]).toEqual([500, 200]);
  });
});
