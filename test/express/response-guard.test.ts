import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import { allow, problemDetails, publicRoute } from 'express-app-roles';
import { afterAll, describe, expect, it } from 'vitest';
import { addHealth, application, as, ask, authentication, delegated, exchange, mailboxRecord, parse } from './api.js';

const secret = 'the-secret-of-the-handler';
const long = `${secret} `.repeat(200);
const folder = mkdtempSync(join(tmpdir(), 'response-guard-'));
const file = join(folder, 'page.txt');
writeFileSync(file, long);
writeFileSync(join(folder, 'index.html'), secret);
afterAll(() => rmSync(folder, { recursive: true }));

/** Every way in which a handler answers. */
const ways: Record<string, RequestHandler> = {
  json: (_req, res) => void res.json({ secret }),
  'json, large': (_req, res) => void res.json({ secret: long }),
  jsonp: (_req, res) => void res.jsonp({ secret }),
  send: (_req, res) => void res.send(secret),
  'send, large': (_req, res) => void res.send(long),
  'send of a buffer': (_req, res) => void res.send(Buffer.from(secret)),
  'status and send': (_req, res) => void res.status(201).location(`/${secret}`).send(secret),
  sendFile: (_req, res) => void res.sendFile(file),
  download: (_req, res) => void res.download(file, `${secret}.txt`),
  'a piped stream': (_req, res) => void Readable.from([secret, long]).pipe(res),
  'a pipeline': (_req, res) => void pipeline(Readable.from([secret, long]), res).catch(() => {}),
  'a slow stream': (_req, res) =>
    void pipeline(
      Readable.from(
        (async function* () {
          yield secret;
          await wait(10);
          yield long;
        })(),
      ),
      res,
    ).catch(() => {}),
  'server-sent events': (_req, res) => {
    res.set({ 'Content-Type': 'text/event-stream', 'X-Secret': secret });
    res.flushHeaders();
    res.write(`data: ${secret}\n\n`);
    setTimeout(() => res.end(`data: ${secret}\n\n`), 5);
  },
  redirect: (_req, res) => void res.redirect(`/${secret}`),
  '204': (_req, res) => void res.set('X-Secret', secret).status(204).end(),
  '304': (_req, res) => void res.set('ETag', `"${secret}"`).status(304).end(),
  sendStatus: (_req, res) => void res.set('X-Secret', secret).sendStatus(202),
  'writeHead and end': (_req, res) => void res.writeHead(200, { 'X-Secret': secret }).end(secret),
  'writeHead with a reason': (_req, res) =>
    void res.writeHead(200, secret, { 'Content-Length': secret.length }).end(secret),
  'writeHead, write and end': (_req, res) => {
    res.writeHead(200, ['X-Secret', secret]);
    res.write(secret);
    res.write(long);
    res.end();
  },
  'end with a callback': (_req, res) => void res.end(secret, () => {}),
  'end with an encoding and a callback': (_req, res) => void res.end(secret, 'latin1', () => {}),
  'end alone': (_req, res) => void res.set('X-Secret', secret).end(),
  'a body in a corked response': (_req, res) => {
    res.cork();
    res.write(secret);
    res.end();
  },
};

/** Ways that end differently, or never, without a guard too. */
const oddWays: Record<string, RequestHandler> = {
  'write with callbacks': (_req, res) => void res.write(secret, () => res.write(long, 'utf8', () => res.end(() => {}))),
  'headers with trailers': (_req, res) => {
    res.set('Trailer', 'X-Secret');
    res.write(secret);
    res.addTrailers({ 'X-Secret': secret });
    res.end();
  },
  'a handler that throws after it answered': (_req, res) => {
    res.json({ secret });
    throw new Error('late');
  },
};

const misconfigured = '{"type":"about:blank","title":"Internal Server Error","status":500,"code":"misconfigured"}';
const { mailbox } = mailboxRecord();
const ownList = () => allow(application('Mailbox.OwnedBy').ownedOnly(mailbox));

/** Where the second net must hold: nothing declared, or the reach not read. */
const situations: Record<string, (app: Express, answer: RequestHandler) => void> = {
  'a terminal handler that is no route': (app, answer) => app.use('/secret', answer),
  'a handler before allow in its route': (app, answer) => app.get('/secret', answer, allow(application('Mail.Read'))),
  'a list whose reach is not read': (app, answer) => app.get('/secret', ownList(), answer),
  'a route of a mounted app': (app, answer) => app.use('/secret', express().get('/', answer)),
};

const middlewares: Record<string, { before: RequestHandler[]; after: RequestHandler[] }> = {
  'nothing else': { before: [], after: [] },
  'compression before authenticate': { before: [compression({ threshold: 0 })], after: [] },
  'compression after authenticate': { before: [], after: [compression({ threshold: 0 })] },
  'compression of large answers': { before: [compression()], after: [compression()] },
};

function build(around: { before: RequestHandler[]; after: RequestHandler[] }, routes: (app: Express) => void): Express {
  const app = express();
  app.set('env', 'test');
  for (const each of around.before) app.use(each);
  app.use(authentication());
  for (const each of around.after) app.use(each);
  routes(app);
  addHealth(app);
  app.use(problemDetails());
  return app;
}

const headers = () => [`Authorization: Bearer ${as.app(['Mailbox.OwnedBy', 'Mail.Read'])}`, 'Accept-Encoding: gzip'];

describe.each(Object.entries(situations))('%s', (_situation, mount) => {
  describe.each(Object.entries(middlewares))('with %s', (_name, around) => {
    it.each(Object.entries(ways))('gives nothing away by %s', async (_way, answer) => {
      const app = build(around, (each) => mount(each, answer));
      for (const method of ['GET', 'HEAD']) {
        const { bytes, next } = await exchange(app, method, '/secret', headers());
        const { status, body, head } = parse(decode(bytes));
        expect([status, body]).toEqual([500, method === 'HEAD' ? '' : misconfigured]);
        expect(decode(bytes)).not.toContain(secret);
        expect(head).toContain('HTTP/1.1 500 Internal Server Error');
        expect(head).toMatch(/^Content-Type: application\/problem\+json$/m);
        expect(parse(next).status).toBe(200);
      }
    });

    it.each(Object.entries(oddWays))('gives nothing away by %s', async (_way, answer) => {
      const app = build(around, (each) => mount(each, answer));
      for (const method of ['GET', 'HEAD']) {
        const { bytes } = await exchange(app, method, '/secret', [...headers(), 'Connection: close']);
        expect(decode(bytes)).not.toContain(secret);
        expect((await ask(app, '/health')).status).toBe(200);
      }
    });
  });
});

describe('an answer that is declared', () => {
  const declared: Record<string, (app: Express, answer: RequestHandler) => void> = {
    'by allow': (app, answer) => app.get('/secret', allow(application('Mail.Read')), answer),
    'by publicRoute': (app, answer) => app.get('/secret', publicRoute(), answer),
    'by allow in use()': (app, answer) => app.use('/secret', allow(application('Mail.Read')), answer),
    'with its reach read': (app, answer) =>
      app.get('/secret', ownList(), (req, _res, next) => void [mailbox.reach(req), next()], answer),
  };
  const plain = (around: (typeof middlewares)[string], mount: (app: Express) => void) => {
    const app = express();
    app.set('env', 'test');
    for (const each of [...around.before, ...around.after]) app.use(each);
    mount(app);
    app.get('/health', (_req, res) => void res.json({ status: 'ok' }));
    return app;
  };

  describe.each(Object.entries(declared))('%s', (_how, mount) => {
    describe.each(Object.entries(middlewares))('with %s', (_name, around) => {
      it.each(Object.entries(ways))('is unchanged by %s', async (_way, answer) => {
        const guarded = build(around, (app) => mount(app, answer));
        const without = plain(around, (app) => app.get('/secret', answer));
        for (const method of ['GET', 'HEAD']) {
          const [one, other] = await Promise.all([
            exchange(guarded, method, '/secret', headers()),
            exchange(without, method, '/secret', headers()),
          ]);
          expect(one).toEqual(other);
        }
      });
    });
  });

  it('a conditional request is a 304', async () => {
    const app = build({ before: [], after: [] }, (each) =>
      each.get('/secret', allow(application('Mail.Read')), ways.json as RequestHandler),
    );
    const first = await ask(app, '/secret', as.app(['Mail.Read']));
    const again = await ask(app, '/secret', as.app(['Mail.Read'])).set('If-None-Match', first.headers.etag ?? '');
    expect(again.status).toBe(304);
  });

  it('streams as it is written, before it ends', async () => {
    const app = build({ before: [], after: [] }, (each) =>
      each.get('/events', allow(application('Mail.Read')), (_req, res) => {
        res.set('Content-Type', 'text/event-stream').flushHeaders();
        res.write('data: first\n\n');
      }),
    );
    const server = app.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const stop = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/events`, {
      headers: { authorization: `Bearer ${as.app(['Mail.Read'])}` },
      signal: stop.signal,
    });
    const first = await answer.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toBe('data: first\n\n');
    stop.abort();
    server.closeAllConnections();
    server.close();
  });

  it('writes return what node returns, and callbacks run', async () => {
    const seen: unknown[] = [];
    const app = build({ before: [], after: [] }, (each) => {
      each.get('/x', publicRoute(), (_req, res) => {
        seen.push(
          res.writeHead(200) === res,
          typeof res.write('a', () => seen.push('written')),
          res.end('b', () => seen.push('ended')) === res,
        );
      });
    });
    expect((await ask(app, '/x')).text).toBe('ab');
    expect(seen).toEqual([true, 'boolean', true, 'written', 'ended']);
  });
});

describe('a stream without end, answered by a route that is not declared', () => {
  it('does not keep the connection, nor its source', async () => {
    let destroyed = false;
    const endless = () =>
      new Readable({
        read() {
          setImmediate(() => this.push(secret));
        },
        destroy(_error, done) {
          destroyed = true;
          done(null);
        },
      });
    const app = build({ before: [], after: [] }, (each) =>
      each.use('/secret', (_req, res) => void pipeline(endless(), res).catch(() => {})),
    );
    const { bytes, next } = await exchange(app, 'GET', '/secret');
    expect([parse(bytes).body, parse(next).status]).toEqual([misconfigured, 200]);
    await wait(20);
    expect(destroyed).toBe(true);
  });
});

describe('errors', () => {
  it.each([
    ['404', 404],
    ['400', 400],
    ['500', 500],
    ['599', 599],
  ])('a %s of a handler that is not declared passes with its body', async (_name, status) => {
    const app = build({ before: [], after: [] }, (each) =>
      each.use('/x', (_req, res) => void res.status(status).send('mine')),
    );
    const answer = await ask(app, '/x');
    expect([answer.status, answer.text]).toEqual([status, 'mine']);
  });

  it.each([
    ['a success', (res: express.Response) => void res.json({ secret })],
    ['a redirect', (res: express.Response) => void res.redirect('/sign-in')],
  ])('an error handler that answers a refusal with %s is told so', async (_name, answer) => {
    const app = express()
      .use(authentication())
      .get('/x', allow(delegated('Mail.Read')), ways.json as RequestHandler);
    app.use((_error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => answer(res));
    const { status, text } = await ask(app, '/x');
    expect([status, text]).toEqual([500, misconfigured]);
  });

  it('an error handler that calls next() does not open a route that was refused', async () => {
    const swallow = (_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) =>
      next();
    const app = express()
      .use(authentication())
      .get('/x', publicRoute(), allow(delegated('Mail.Read')), (_req, res) => void res.json({}));
    app.use(swallow, (_req: express.Request, res: express.Response) => void res.json({ secret }));
    const reported = express()
      .use(authentication({ undeclared: 'report' }))
      .get('/x', allow(delegated('Mail.Read')));
    reported.use(swallow, (_req: express.Request, res: express.Response) => void res.json({ secret }));
    for (const each of [app, reported])
      for (const token of [undefined, as.user('x'), 'a.b.c'])
        expect((await ask(each, '/x', token)).text).not.toContain(secret);
  });
});

describe('two guards', () => {
  it('by two authenticates agree', async () => {
    const app = express().use(authentication()).use(authentication());
    app.get('/x', allow(application('Mail.Read')), ways.json as RequestHandler).use('/y', ways.json as RequestHandler);
    expect((await ask(app, '/x', as.app(['Mail.Read']))).body).toEqual({ secret });
    expect((await ask(app, '/y', as.app(['Mail.Read']))).text).toBe(misconfigured);
  });

  it('a second API behind the first asks for its own declaration', async () => {
    const app = express().use(authentication());
    app.get('/x', allow(application('Mail.Read')), authentication(), ways.json as RequestHandler);
    expect((await ask(app, '/x', as.app(['Mail.Read']))).text).toBe(misconfigured);
  });

  it('hold where the first token was refused and the second authenticate takes it', async () => {
    const swallow = (_error: Error, _req: express.Request, _res: express.Response, next: express.NextFunction) =>
      next();
    const app = express().use(authentication({ applicationsMustProve: 'idtyp' }), swallow, authentication());
    app.get('/x', allow(application('Mail.Read')), ways.json as RequestHandler);
    expect((await ask(app, '/x', as.app(['Mail.Read'], { idtyp: undefined }))).body).toEqual({ secret });
  });
});

describe('static files', () => {
  const files = (...before: RequestHandler[]) =>
    express()
      .use(authentication())
      .use('/files', ...before, express.static(folder))
      .use(problemDetails());

  it.each(['/files/page.txt', '/files/', '/files/index.html', '/files'])(
    'behind authenticate are not served: %s',
    async (path) => {
      const { status, text } = await ask(files(), path);
      expect([status, text]).toEqual([500, misconfigured]);
    },
  );

  it('are served with publicRoute in use(), in ranges too', async () => {
    const app = files(publicRoute());
    expect((await ask(app, '/files/page.txt')).text).toBe(long);
    const part = await ask(app, '/files/page.txt').set('Range', 'bytes=0-9');
    expect([part.status, part.text]).toEqual([206, long.slice(0, 10)]);
    expect((await ask(app, '/files/nothing.txt')).status).toBe(404);
  });

  it('are served to those whom allow lets in', async () => {
    const app = files(allow(application('Mail.Read')));
    expect((await ask(app, '/files/page.txt')).status).toBe(401);
    expect((await ask(app, '/files/page.txt', as.app([]))).status).toBe(403);
    expect((await ask(app, '/files/page.txt', as.app(['Mail.Read']))).text).toBe(long);
  });

  it('before authenticate are served to everyone', async () => {
    const app = express().use('/files', express.static(folder)).use(authentication());
    expect((await ask(app, '/files/page.txt')).status).toBe(200);
  });
});

/** An answer as it was before it was compressed. */
function decode(bytes: string): string {
  const { head, body } = parse(bytes);
  if (!/^Content-Encoding: gzip$/im.test(head) || body === '') return bytes;
  const whole = /^Transfer-Encoding: chunked$/im.test(head) ? joinChunks(body) : body;
  return `${head}\r\n\r\n${gunzipSync(Buffer.from(whole, 'latin1')).toString('latin1')}`;
}

/** RFC 9112 section 7.1: by their sizes, for what is compressed may look like a size. */
function joinChunks(body: string): string {
  const [line = ''] = body.split('\r\n', 1);
  const size = Number.parseInt(line, 16);
  if (!(size > 0)) return '';
  const start = line.length + 2;
  return body.slice(start, start + size) + joinChunks(body.slice(start + size + 2));
}

describe('an app that is mounted after it has answered by itself', () => {
  const terminal = (app: Express) => {
    addHealth(app);
    app.use('/secret', ways.json as RequestHandler);
  };
  const token = as.app(['Mail.Read']);

  async function mountedLate(inner: Express, outer: Express): Promise<void> {
    expect((await ask(inner, '/health')).status).toBe(200);
    outer.use('/v1', inner);
    for (const [app, path] of [
      [outer, '/v1/secret'],
      [inner, '/secret'],
    ] as const) {
      const { status, text } = await ask(app, path, token);
      expect([path, status]).toEqual([path, 500]);
      expect(text).not.toContain(secret);
    }
  }

  it('is guarded as before', async () => {
    await mountedLate(build({ before: [], after: [] }, terminal), express());
  });

  it('is guarded where the outer app authenticates', async () => {
    const outer = express();
    outer.use(authentication());
    await mountedLate(build({ before: [], after: [] }, terminal), outer);
  });

  it('is guarded where the outer app has answered before', async () => {
    const outer = build({ before: [], after: [] }, addHealth);
    expect((await ask(outer, '/health')).status).toBe(200);
    await mountedLate(build({ before: [], after: [] }, terminal), outer);
  });
});
