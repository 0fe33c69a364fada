import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import express from 'express';
import { allow, callerOf, channels, problemDetails, publicRoute, type RefusalMessage } from 'express-app-roles';
import { BearerStrategy, type VerifyBearerFunction } from 'express-app-roles/passport';
import passport from 'passport';
import request from 'supertest';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  accept,
  apiKey,
  application,
  appWith,
  authority,
  call,
  clientId,
  delegated,
  dropIn,
  fetchFromAuthority,
  guardWith,
  metadataOf,
  newTenant,
  permissions,
  tellCaller,
  tellError,
  tokensOf,
  wellFormedChallenge,
} from './api.js';

const tenant = newTenant();
const as = tokensOf(tenant);
const readers = () => allow(delegated('Mail.Read').onAnyRecord(), application('Mail.Read'));

const refusals: RefusalMessage[] = [];
const note = (message: unknown) => void refusals.push(message as RefusalMessage);
subscribe(channels.refusal, note);
afterEach(() => void refusals.splice(0));
afterAll(() => void unsubscribe(channels.refusal, note));

describe('behind the drop-in', () => {
  const app = appWith([dropIn(tenant, { permissions })], (each) => {
    each.get('/', readers(), tellCaller);
    each.get('/public', publicRoute(), tellCaller);
    each.get('/undeclared', tellCaller);
    each.use('/terminal', tellCaller);
  });

  it.each([
    ['a user with the scope', as.user('Mail.Read'), 200, undefined],
    ['an application with the role', as.app(['Mail.Read']), 200, undefined],
    ['an application with a v1.0 token', as.v1(['Mail.Read']), 200, undefined],
    ['a user without the scope', as.user('Mail.Write'), 403, 'missing_scope'],
    ['an application without the role', as.app(['Mail.Write']), 403, 'missing_app_role'],
    ["a user with an app role's name", as.user('Mail.Write', { roles: ['Mail.Read'] }), 403, 'missing_scope'],
  ])('allow works unchanged: %s', async (_name, token, status, code) => {
    const answer = await call(app, token);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('a caller and a user are both there', async () => {
    const { body } = await call(app, as.app(['Mail.Read']));
    expect(body).toEqual({ kind: 'application', user: { name: 'someone' } });
  });

  it('an undeclared route is refused before its handler, and a terminal handler is not heard', async () => {
    for (const path of ['/undeclared', '/terminal']) {
      const answer = await call(app, as.app(['Mail.Read']), path);
      expect([path, answer.status, answer.body.user]).toEqual([path, 500, undefined]);
    }
  });

  it('the handler of an undeclared route does not run where the strategy stands in the route', async () => {
    const ran: string[] = [];
    const guard = guardWith([dropIn(tenant, { permissions })]);
    const inRoute = express()
      .get('/x', guard, (_req, res) => void res.json(ran.push('x')))
      .get('/y', guard, readers(), tellCaller)
      .use(tellError);
    const [first, second] = [
      await call(inRoute, as.app(['Mail.Read']), '/x'),
      await call(inRoute, as.app(['Mail.Read']), '/x'),
    ];
    expect([first.status, second.status, ran]).toEqual([500, 500, []]);
    expect((await call(inRoute, as.app(['Mail.Read']), '/y')).status).toBe(200);
  });

  it('a route that only authenticates passes on to the next', async () => {
    const guard = guardWith([dropIn(tenant, { permissions })]);
    const all = express();
    all.all('/x', guard);
    all.get('/x', readers(), tellCaller);
    expect((await call(all, as.app(['Mail.Read']), '/x')).status).toBe(200);
  });

  it('what is refused is told on the channel, with the reason that the client is not told', async () => {
    await call(app, as.app([], { ver: '3.0' }));
    expect(refusals).toMatchObject([
      { code: 'invalid_claim', status: 401, detail: expect.stringContaining('The claim ver') },
    ]);
  });

  it('a caller can be denied', async () => {
    const denied = appWith([dropIn(tenant, { permissions, deny: () => true })], (each) =>
      each.get('/', readers(), tellCaller),
    );
    expect((await call(denied, as.app(['Mail.Read']))).status).toBe(401);
  });

  it('reportOnly is for the routes: a bad token stays refused', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const reporting = appWith([dropIn(tenant, { permissions, reportOnly: { until } })], (each) =>
      each.get('/', readers(), (_req, res) => void res.json({})),
    );
    expect((await call(reporting, as.app(['Mail.Write']))).status).toBe(200);
    expect((await call(reporting, as.app(['Mail.Write'], { exp: 1, nbf: 0 }))).status).toBe(401);
    expect((await call(reporting)).status).toBe(401);
  });

  it('without permissions routes stay open to whoever passes, and allow says what is missing', async () => {
    const plain = appWith([dropIn(tenant)], (each) => {
      each.get('/', tellCaller);
      each.get('/declared', readers(), tellCaller);
    });
    expect((await call(plain, as.app(['Mail.Write']))).status).toBe(200);
    const answer = await call(plain, as.app(['Mail.Read']), '/declared');
    expect([answer.status, answer.body.message]).toEqual([500, expect.stringContaining('BearerStrategy')]);
  });
});

describe('the verify callback', () => {
  const answerOf = (verify: VerifyBearerFunction, changes = {}) =>
    call(
      appWith([dropIn(tenant, changes, verify)], (app) =>
        app.get('/', (req, res) => void res.json({ user: req.user, info: req.authInfo, caller: callerOf(req).kind })),
      ),
      as.user('Mail.Read'),
    );

  it('is given a copy of the claims, which it may change', async () => {
    const verify: VerifyBearerFunction = (token, done) =>
      done(null, Object.assign(token, { local: true }), { scp: token.scp });
    const first = await answerOf(verify);
    expect(first.body).toMatchObject({ user: { oid: expect.any(String), local: true }, info: { scp: 'Mail.Read' } });
    expect((await answerOf((token, done) => done(null, { had: 'local' in token }))).body.user).toEqual({
      had: false,
    });
  });

  it('is given the request where passReqToCallback says so, whatever its length', async () => {
    const verify = (...args: unknown[]) => {
      const [req, , done] = args as [{ path: string }, unknown, (error: null, user: unknown) => void];
      done(null, { path: req.path });
    };
    expect((await answerOf(verify as never, { passReqToCallback: true })).body.user).toEqual({ path: '/' });
  });

  it.each<[string, unknown, number]>([
    ['no user', [null, false], 401],
    ['no user, and a reason', [null, false, { message: 'no' }], 401],
    ['an error', [new Error('down')], 500],
    ['an error with a status', [Object.assign(new Error('down'), { status: 502 })], 502],
    ["'route', which would leave the route", ['route'], 500],
  ])('may answer with %s', async (_name, args, status) => {
    const answer = await answerOf((_token, done) => done(...(args as [unknown])));
    expect([answer.status, answer.body.caller]).toEqual([status, undefined]);
  });

  it('may refuse a token whose caller is then not on the request, though another strategy lets it in', async () => {
    const app = appWith([dropIn(tenant, {}, (_token, done) => done(null, false)), apiKey], (each) =>
      each.get('/', publicRoute(), tellCaller),
    );
    const answer = await call(app, as.user('Mail.Read'), '/', { 'x-api-key': 'good' });
    expect([answer.status, answer.body]).toEqual([200, { kind: null, user: { name: 'a partner' } }]);
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });
});

describe('as a passport strategy', () => {
  it('needs nothing of this: passport runs it on an object that inherits from it', async () => {
    class Own extends BearerStrategy {
      override authenticate(req: Parameters<BearerStrategy['authenticate']>[0], options?: object): void {
        super.authenticate(req, options);
      }
    }
    const own = new Own(
      { identityMetadata: metadataOf(tenant), clientID: clientId, fetch: fetchFromAuthority },
      accept,
    );
    expect(own.name).toBe('oauth-bearer');
    expect(
      (
        await call(
          appWith([own], (app) => app.get('/', tellCaller)),
          as.user('Mail.Read'),
        )
      ).status,
    ).toBe(200);
  });

  it('made for each request fetches keys once, and neither changes nor freezes its options', async () => {
    const own = newTenant();
    const options = Object.freeze({
      identityMetadata: metadataOf(own),
      clientID: clientId,
      fetch: fetchFromAuthority,
      audience: Object.freeze(['api://orders']) as string[],
    });
    const app = express();
    app.use((req, res, next) => guardWith([new BearerStrategy(options, accept)])(req, res, next));
    app.get('/', tellCaller);
    expect(authority.requests).toEqual([]);
    for (let turn = 0; turn < 3; turn++) expect((await call(app, tokensOf(own).user('Mail.Read'))).status).toBe(200);
    expect(authority.requests).toHaveLength(2);
  });

  it('gives an operator what authenticate gives', async () => {
    const strategy = dropIn(tenant);
    await strategy.ready();
    expect(strategy.health().ok).toBe(true);
    expect(Object.keys(strategy)).toEqual(['name']);
  });

  it.each([
    ['no token', {}, 401],
    ['another scheme', { authorization: 'Basic YTpi' }, 401],
    ['a malformed credential', { authorization: 'Bearer a b' }, 400],
    ['no JWT', { authorization: 'Bearer abc' }, 401],
  ])('answers %s as RFC 6750 asks', async (_name, headers, status) => {
    const answer = await call(
      appWith([dropIn(tenant)], (app) => app.get('/', tellCaller)),
      undefined,
      '/',
      headers,
    );
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(wellFormedChallenge);
  });

  it('given to passport itself, keeps two requests apart', async () => {
    const waiting: (() => void)[] = [];
    const strategy = dropIn(tenant, {}, (token, done) => {
      waiting.push(() => done(null, { token: token.uti }));
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    const app = express();
    app.use(new passport.Passport().authenticate(strategy, { session: false })).get('/', tellCaller);
    const answers = await Promise.all(['one', 'two'].map((uti) => call(app, as.user('Mail.Read', { uti }))));
    expect(answers.map(({ body }) => body.user.token)).toEqual(['one', 'two']);
  });

  it('serves a custom callback, and survives one that throws', async () => {
    const strategy = dropIn(tenant);
    const samples = (throws: boolean) => {
      const app = express();
      app.use((req, res, next) => {
        const callback = (error: Error | null, user: unknown, info: unknown) => {
          if (throws) throw new Error('in the callback');
          if (error) res.status(401).json({ error: error.message });
          else if (!user) res.status(401).json({ error: 'Unauthorized', info });
          else next();
        };
        guardWithCallback(strategy, callback)(req, res, next);
      });
      return app.get('/', tellCaller).use(problemDetails(), tellError);
    };
    expect((await call(samples(false), as.user('Mail.Read'))).status).toBe(200);
    expect((await call(samples(false), 'a.b.c')).body.info).toMatch(wellFormedChallenge);
    expect((await call(samples(true), as.user('Mail.Read'))).status).toBe(500);
  });
});

function guardWithCallback(strategy: BearerStrategy, callback: (...args: never[]) => void): express.RequestHandler {
  const instance = new passport.Passport().use(strategy);
  return instance.authenticate('oauth-bearer', { session: false }, callback as () => void);
}

describe('a token in a form', () => {
  const post = (changes: object, type: 'form' | 'json') => {
    const app = appWith([], () => {});
    const own = express();
    own.use(express.urlencoded({ extended: false }), express.json());
    own.post('/', guardWith([dropIn(tenant, changes)]), tellCaller);
    own.use(tellError, app);
    return request(own).post('/').type(type);
  };
  const token = as.user('Mail.Read');

  it.each([
    ['is not read', {}, 'form', 401],
    ['is read where that was asked for', { accessTokenInForm: true }, 'form', 200],
    ['is never read from JSON', { accessTokenInForm: true }, 'json', 401],
  ] as const)('%s', async (_name, changes, type, status) => {
    expect((await post(changes, type).send({ access_token: token })).status).toBe(status);
  });

  it('may not come beside one in the header', async () => {
    const both = post({ accessTokenInForm: true }, 'form').set('Authorization', `Bearer ${token}`);
    expect((await both.send({ access_token: token })).status).toBe(400);
  });

  it('does not stand in the way of one in the header where a field has the name for another purpose', async () => {
    const both = post({}, 'json').set('Authorization', `Bearer ${token}`);
    expect((await both.send({ access_token: 'of another kind' })).status).toBe(200);
  });
});
