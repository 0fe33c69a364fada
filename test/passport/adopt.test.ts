import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler } from 'express';
import { allow, ConfigurationError, callerOf, problemDetails } from 'express-app-roles';
import { adopt, type VerifyBearerFunction } from 'express-app-roles/passport';
import passport from 'passport';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeKey } from '../support/authority.js';
import {
  accept,
  adopted,
  apiKey,
  application,
  appWith,
  authority,
  azure,
  type Changes,
  call,
  delegated,
  metadataOf,
  newTenant,
  permissions,
  tellCaller,
  tellError,
  tokensOf,
} from './api.js';

const tenant = newTenant();
const as = tokensOf(tenant);
const readers = () => allow(delegated('Mail.Read').onAnyRecord(), application('Mail.Read'));
afterEach(() => void vi.useRealTimers());

describe('behind an adopted strategy', () => {
  const app = appWith([adopted(tenant, { undeclared: 'refuse' })], (each) => {
    each.get('/', readers(), tellCaller);
    each.get('/undeclared', tellCaller);
    each.use('/terminal', tellCaller);
  });

  it.each([
    ['a user with the scope', as.user('Mail.Read'), 200],
    ['an application with the role', as.app(['Mail.Read']), 200],
    ['a user without the scope', as.user('Mail.Write'), 403],
    ['an application without the role', as.app(['Mail.Write']), 403],
    ["a user with an app role's name", as.user('Mail.Write', { roles: ['Mail.Read'] }), 403],
    ['no token', undefined, 401],
  ])('allow works unchanged: %s', async (_name, token, status) => {
    expect((await call(app, token)).status).toBe(status);
  });

  it('undeclared routes and terminal handlers are refused', async () => {
    for (const path of ['/undeclared', '/terminal'])
      expect((await call(app, as.app(['Mail.Read']), path)).status).toBe(500);
  });

  it('a caller can be denied', async () => {
    const denying = appWith([adopted(tenant, { deny: () => true })], (each) => each.get('/', readers(), tellCaller));
    expect((await call(denying, as.app(['Mail.Read']))).status).toBe(401);
  });

  it('a custom callback that goes on without a token comes as an anonymous caller', async () => {
    const own = express();
    const instance = new passport.Passport().use(adopted(tenant));
    own.use((req, res, next) => instance.authenticate('oauth-bearer', () => next())(req, res, next));
    own.get('/', readers(), tellCaller).use(problemDetails());
    const answer = await call(own);
    expect([answer.status, answer.body.code]).toEqual([401, 'no_credential']);
  });
});

describe('claims are bound where they were verified', () => {
  const cached = { name: 'one object for all' };
  const styles: [name: string, verify: VerifyBearerFunction, user: unknown, how?: object][] = [
    ['done(null, {}, token)', (token, done) => done(null, {}, token), {}],
    ['done(null, token)', (token, done) => done(null, token), expect.objectContaining({ scp: 'Mail.Read' })],
    ['done(null, mapped)', (_token, done) => done(null, { id: 7 }), { id: 7 }],
    ['done(null, oid, token)', (token, done) => done(null, token.oid, token), expect.any(String)],
    ['done(null, cached)', (_token, done) => done(null, cached), cached],
    ['done later', (_token, done) => void setTimeout(() => done(null, cached), 5), cached],
    ['an async function', async (_token, done) => done(null, cached), cached],
    ['authInfo: false', (token, done) => done(null, cached, token), cached, { authInfo: false }],
    ['assignProperty', (token, done) => done(null, cached, token), null, { assignProperty: 'account' }],
  ];

  it.each(styles)('%s', async (_name, verify, user, how = {}) => {
    const app = appWith([adopted(tenant, {}, {}, verify)], (each) => each.get('/', readers(), tellCaller), how);
    expect((await call(app, as.user('Mail.Read'))).body).toEqual({ kind: 'delegated', user });
  });

  it('passReqToCallback', async () => {
    const verify = (req: { path: string }, _token: unknown, done: (error: null, user: unknown) => void) =>
      done(null, { path: req.path });
    const strategy = adopted(tenant, {}, { passReqToCallback: true }, verify as never);
    const app = appWith([strategy], (each) => each.get('/', readers(), tellCaller));
    expect((await call(app, as.user('Mail.Read'))).body).toEqual({ kind: 'delegated', user: { path: '/' } });
  });

  it('two requests at a time, that share a user, keep their own', async () => {
    const verify: VerifyBearerFunction = (_token, done) => void setTimeout(() => done(null, cached), 20);
    const app = appWith([adopted(tenant, {}, {}, verify)], (each) => {
      each.get('/', readers(), (req, res) => void res.json(callerOf(req).tokenId));
    });
    const tokens = ['one', 'two', 'three'].map((uti) => as.user('Mail.Read', { uti }));
    const answers = await Promise.all(tokens.map((token) => call(app, token)));
    expect(answers.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
  });

  it('a user that a session brought is nobody, where passport.authenticate was forgotten', async () => {
    const session: RequestHandler = (req, _res, next) => {
      req.user = { roles: ['Mail.Read'], scp: 'Mail.Read' };
      next();
    };
    const app = express().use(session).get('/', readers(), tellCaller).use(tellError);
    expect((await call(app)).status).toBe(500);
  });

  it('what verify does not accept is not a caller', async () => {
    const refusing = adopted(tenant, {}, {}, (_token, done) => done(null, false));
    const app = appWith([refusing, apiKey], (each) => each.get('/', tellCaller));
    expect((await call(app, as.user('Mail.Read'))).status).toBe(401);
    const answer = await call(app, as.user('Mail.Read'), '/', { 'x-api-key': 'good' });
    expect(answer.body).toEqual({ kind: null, user: { name: 'a partner' } });
  });

  it('the wrapped strategy is the one that was given', () => {
    const strategy = azure(tenant);
    expect(adopt(strategy, { permissions })).toBe(strategy);
  });
});

describe('reportOnly changes no status', () => {
  const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const verify: VerifyBearerFunction = (token, done) => (token.name === 'Nobody' ? done(null, false) : done(null, {}));
  const plain: RequestHandler = (_req, res) => void res.json({});
  const before = appWith([azure(tenant, {}, verify)], (app) => app.get('/', plain));
  const reporting = adopt(azure(tenant, {}, verify), { permissions, reportOnly: { until } });
  const after = appWith([reporting], (app) => {
    app.get('/', readers(), plain);
    app.get('/undeclared', plain);
  });

  it.each([
    ['a good token', as.user('Mail.Read')],
    ['a token without the permission', as.user('Mail.Write')],
    ['an application without a role', as.app([])],
    ['an ID token', as.user('', { scp: undefined, azp: undefined, nonce: 'n' })],
    ['roles that are a string', as.app([], { roles: 'Mail.Read' })],
    ['one whom verify refuses', as.user('Mail.Read', { name: 'Nobody' })],
    ['an expired token', as.user('Mail.Read', { nbf: 0, exp: 1 })],
    ['garbage', 'a.b.c'],
    ['no token', undefined],
  ])('%s', async (_name, token) => {
    expect((await call(after, token)).status).toBe((await call(before, token)).status);
  });

  it('nor on a route that is not declared', async () => {
    expect((await call(after, as.user('Mail.Read'), '/undeclared')).status).toBe(200);
  });

  it('and all of it is in the summary', async () => {
    for (const token of [as.user('Mail.Write'), as.app([])]) await call(after, token);
    const codes = reporting.report()?.refusals.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['missing_scope', 'no_permission']));
  });
});

describe('adopt stops the start', () => {
  const fails = (strategy: object, options: object = { permissions }) =>
    expect(() => adopt(strategy, options as never));

  it.each<[string, () => object, RegExp]>([
    ['of another strategy', () => apiKey, /takes a BearerStrategy of passport-azure-ad 4\.3\.5/],
    ['of one without its private fields', () => Object.assign(azure(tenant), { _verify: undefined }), /4\.3\.5/],
    ['of one that was adopted', () => adopted(tenant), /already/],
    [
      'of common alone',
      () => azure(tenant, { identityMetadata: metadataOf('common'), validateIssuer: false }),
      /tenants: \['<GUID>'/,
    ],
    ['of B2C', () => azure(tenant, { isB2C: true, policyName: 'b2c_1_in' }), /Stay on passport-azure-ad/],
    ['of a clock skew without a bound', () => azure(tenant, { clockSkew: 999_999 }), /from 0 to 300/],
  ])('%s', (_name, strategy, message) => {
    fails(strategy()).toThrow(message);
    fails(strategy()).toThrow(ConfigurationError);
  });

  it('for a misspelt option, and without permissions', () => {
    fails(azure(tenant), { permissions, undeclard: 'report' }).toThrow(/Did you mean 'undeclared'/);
    fails(azure(tenant), {}).toThrow(/adopt: permissions is missing/);
  });
});

describe('of the weaknesses of passport-azure-ad, adopt cures', () => {
  const appOf = (changes: Changes, verify: VerifyBearerFunction, options = {}) =>
    appWith([adopted(tenant, options, changes, verify)], (app) => app.get('/', tellCaller));

  it.each<[string, (...args: unknown[]) => unknown]>([
    ['throws', (token) => (token as { roles: string[] }).roles.includes('X')],
    ['rejects', async (token) => (token as { roles: string[] }).roles.includes('X')],
  ])('W8: a verify callback that %s', async (_name, verify) => {
    expect((await call(appOf({}, verify as never), as.user('Mail.Read'))).status).toBe(500);
  });

  it('W9: a refusal in another script', async () => {
    const app = appOf({ loggingNoPII: false }, (_token, done) => done(null, false, { message: '王' }));
    expect((await call(app, as.user('Mail.Read'))).status).toBe(401);
  });

  it("W10: validateIssuer: false, and ignoreExpiration, of a single tenant's metadata", async () => {
    const app = appOf({ validateIssuer: false, ignoreExpiration: true }, accept);
    expect((await call(app, as.user('Mail.Read'))).status).toBe(200);
    expect((await call(app, as.user('Mail.Read', { iss: 'https://evil.example/' }))).status).toBe(401);
    expect((await call(app, as.user('Mail.Read', { nbf: 0, exp: 1 }))).status).toBe(401);
  });

  it('W12: a tenant that the caller named is not admitted (but its keys are fetched)', async () => {
    const visitor = newTenant();
    const common = { identityMetadata: metadataOf('common') };
    const verify: VerifyBearerFunction = (_token, done) => done(null, {});
    const strategy = adopted(tenant, { tenants: [tenant] }, common, verify);
    const app = appWith([strategy], (each) => each.get('/', tellCaller), { tenantIdOrName: visitor });
    expect((await call(app, tokensOf(visitor).user('Mail.Read'))).status).toBe(401);
    expect(authority.requests.some((path) => path.includes(visitor))).toBe(true);
  });

  it('W15: done called twice', async () => {
    const app = appOf({}, (_token, done) => {
      done(null, { name: 'first' });
      done(null, { name: 'second' });
    });
    expect((await call(app, as.user('Mail.Read'))).body.user).toEqual({ name: 'first' });
  });
});

describe('and it cannot cure', () => {
  const appOf = (own: string) => appWith([adopted(own)], (app) => app.get('/', tellCaller));
  const runChild = async (...args: string[]) => {
    const script = fileURLToPath(new URL('outage-of-adopted.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [told, [code]] = await Promise.all([child.stderr.toArray(), once(child, 'exit')]);
    return [code, /SyntaxError: Unexpected token/.test(told.join(''))];
  };

  it('W1 and W5: a page instead of keys ends the process, or wedges it where it is kept alive', async () => {
    expect(await Promise.all([runChild(), runChild('keep-alive')])).toEqual([
      [1, true],
      [3, false],
    ]);
  });

  it('W2: one bad answer is kept for half an hour', async () => {
    const own = newTenant();
    authority.intercept = (req, res) => {
      if (!req.url?.includes('/keys')) return false;
      res.writeHead(503).end('{}');
      return true;
    };
    await call(appOf(own), tokensOf(own).user('Mail.Read'));
    authority.intercept = undefined;
    expect((await call(appOf(own), tokensOf(own).user('Mail.Read'))).status).toBe(401);
  });

  it('W3 and W4: an authority that does not answer holds up everyone, a token or none', async () => {
    authority.intercept = () => true;
    const pending = call(appOf(newTenant()));
    const answered = pending.then(() => 'answered');
    expect(await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 500, 'waiting'))])).toBe(
      'waiting',
    );
    answered.catch(() => {});
    pending.abort();
  });

  it('W6: an outage is a 401, and each request without a token is a fetch', async () => {
    authority.intercept = (_req, res) => {
      res.writeHead(503).end('{}');
      return true;
    };
    const own = newTenant();
    expect((await call(appOf(own), tokensOf(own).user('Mail.Read'))).status).toBe(401);
    for (let turn = 0; turn < 5; turn++) await call(appOf(own));
    expect(authority.requests.length).toBe(6);
  });

  it('W7: a new key is unknown for half an hour', async () => {
    const own = newTenant();
    await call(appOf(own), tokensOf(own).user('Mail.Read')).expect(200);
    const next = makeKey('key-2');
    authority.keys = [authority.key, next];
    const iss = `https://login.microsoftonline.com/${own}/v2.0`;
    const token = authority.token(authority.user('Mail.Read', { tid: own, iss }), {}, next);
    expect((await call(appOf(own), token)).status).toBe(401);
  });

  it('W13: the strategy logs a token that it cannot decode', async () => {
    const written: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0),
    );
    try {
      const part = (text: string) => Buffer.from(text).toString('base64url');
      await call(appOf(tenant), `${part('{"typ":"JWT","alg":"RS256"}')}.${part('garbage')}.x`);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(written.join('')).toContain('AzureAD: Bearer Strategy');
  });

  it('W14: its own challenges', async () => {
    expect((await call(appOf(tenant))).headers['www-authenticate']).toBe('token is not found');
  });
});
