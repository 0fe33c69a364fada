import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { allow, assertDeclared, inventory, problemDetails, publicRoute } from 'express-app-roles';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { apiWith, application, as, ask, authentication, mailboxRecord } from './api.js';

const secret: RequestHandler = (_req, res) => void res.json({ secret: 1 });
const passOn: RequestHandler = (_req, _res, next) => next();
const token = as.app(['Mailbox.OwnedBy', 'Mail.Read']);

/** What anyone gets, and what a client with permissions gets. */
async function answers(app: Express, path: string): Promise<readonly unknown[]> {
  const responses = [await ask(app, path), await ask(app, path, token)];
  for (const { text } of responses) expect(text).not.toContain('{"secret"');
  return responses.map(({ status }) => status);
}

describe('an app that a function of the application calls', () => {
  const called = (inner: Express, after: (outer: Express) => void = () => {}) =>
    apiWith((app) => {
      app.use((req, res, next) => inner(req, res, next));
      after(app);
    });

  it('answers nothing that is not declared', async () => {
    const inner = express();
    inner.get('/secret', secret);
    expect(await answers(called(inner), '/secret')).toEqual([500, 500]);
  });

  it('answers nothing with an authenticate of its own either', async () => {
    const inner = express();
    inner.use(authentication());
    inner.use('/secret', secret);
    expect(await answers(called(inner), '/secret')).toEqual([500, 500]);
  });

  it('answers no list whose reach was not read', async () => {
    const { mailbox } = mailboxRecord();
    const inner = express();
    inner.get('/secret', allow(application('Mailbox.OwnedBy').ownedOnly(mailbox)), secret);
    expect(await answers(called(inner), '/secret')).toEqual([401, 500]);
  });

  it('leaves the app that called it under guard, when it passes the request on', async () => {
    expect(
      await answers(
        called(express(), (app) => app.use('/secret', secret)),
        '/secret',
      ),
    ).toEqual([500, 500]);
  });
});

describe('an error before authenticate', () => {
  it('leads no one around it, though a handler of errors goes on', async () => {
    const goOn: ErrorRequestHandler = (_error, _req, _res, next) => next();
    const app = express();
    app.use(express.json(), authentication(), allow(application('Mail.Read')), goOn);
    app.post('/secret', secret);
    app.use(problemDetails());
    expect((await request(app).post('/secret').set('Authorization', `Bearer ${token}`).send({})).status).toBe(200);
    const { status, text } = await request(app).post('/secret').set('Content-Type', 'application/json').send('{');
    expect([status, text.includes('{"secret"')]).toEqual([500, false]);
  });
});

describe('a route that passes the request on', () => {
  const inner = express();
  inner.get('/secret', secret);

  it.each<[string, RequestHandler[]]>([
    ['a public one', [publicRoute() as RequestHandler, passOn]],
    ['one with another permission', [allow(application('Mail.Read')) as RequestHandler, passOn]],
    ['one that ends early', [publicRoute() as RequestHandler, (_req, _res, next) => next('route')]],
  ])('%s, declares nothing for what comes after it', async (_name, handlers) => {
    const app = apiWith((each) => {
      each.get(/.*/, ...handlers);
      each.use('/admin', inner);
    });
    expect((await answers(app, '/admin/secret'))[1]).toBe(500);
  });

  it('reaches what is declared for itself', async () => {
    const app = apiWith((each) => {
      each.get(/.*/, publicRoute(), passOn);
      each.get('/open', publicRoute(), (_req, res) => void res.json('open'));
    });
    expect((await ask(app, '/open')).body).toBe('open');
  });
});

describe('a head that node does not take', () => {
  it('is no leave for the answer after it', async () => {
    const app = apiWith((each) => {
      each.use('/secret', (_req, res) => {
        try {
          res.writeHead(404, { 'x-a': 'bad\nvalue' });
        } catch {
          res.status(200).json({ secret: 1 });
        }
      });
    });
    expect(await answers(app, '/secret')).toEqual([500, 500]);
  });
});

describe('what stands last for all methods', () => {
  it('is a handler, and guarded before it runs', async () => {
    let runs = 0;
    const app = apiWith((each) => {
      each
        .route('/notes')
        .get(allow(application('Mail.Read')), (_req, res) => void res.json([]))
        .all((_req, res) => {
          runs++;
          res.json({ secret: 1 });
        });
    });
    expect((await ask(app, '/notes', token)).body).toEqual([]);
    expect((await request(app).delete('/notes')).status).toBe(500);
    expect(runs).toBe(0);
    expect(() => assertDeclared(app)).toThrow(/ALL \/notes: not declared/);
  });

  it('is a middleware where methods come after it', () => {
    const app = apiWith((each) => {
      each
        .route('/notes')
        .all(passOn)
        .get(allow(application('Mail.Read')), secret);
    });
    expect(inventory(app).operations.map(({ method }) => method)).toEqual(['GET']);
    assertDeclared(app);
  });
});

describe('assertDeclared stops', () => {
  const { mailbox } = mailboxRecord();

  it.each<[string, (app: Express) => void, RegExp]>([
    [
      'a route that is public because something before it is',
      (app) => {
        app.use(publicRoute(), passOn);
        app.delete('/users/:id', secret);
      },
      /DELETE \/users\/:id: public because of a publicRoute\(\) in app\.use for every path/,
    ],
    [
      'a declaration after its handler',
      (app) => app.get('/x', secret, allow(application('Mail.Read'))),
      /GET \/x: declared after its handler/,
    ],
    [
      '.creates(record) where one is there',
      (app) => app.patch('/mailboxes/:id', allow(application('Mailbox.OwnedBy').creates(mailbox)), secret),
      /PATCH \/mailboxes\/:id: \.creates\(mailbox\) on a route of one that is there/,
    ],
  ])('%s', (_name, routes, message) => {
    const app = apiWith(routes);
    expect(() => assertDeclared(app)).toThrow(message);
  });

  it.each<[string, (app: Express) => void]>([
    [
      'public files at a path, and public routers',
      (app) => {
        app.use('/assets', publicRoute(), passOn);
        app.use('/open', publicRoute(), express.Router().get('/x', secret));
        const router = express.Router();
        router.use(publicRoute());
        router.get('/y', secret);
        app.use(router);
      },
    ],
    [
      'what is made inside a record',
      (app) => app.post('/teams/:id/mailboxes', allow(application('Mailbox.OwnedBy').creates(mailbox)), secret),
    ],
  ])('nothing of %s', (_name, routes) => {
    const stopped = inventory(apiWith(routes)).findings.map(({ code }) => code);
    expect(stopped).not.toContain('public_by_use');
    expect(stopped).not.toContain('created_by_id');
  });
});
