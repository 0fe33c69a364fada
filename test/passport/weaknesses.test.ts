import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Claims, makeKey } from '../support/authority.js';
import {
  adopted,
  apiKey,
  appWith,
  authority,
  azure,
  call,
  dropIn,
  metadataOf,
  newTenant,
  tellCaller,
  tokensOf,
  wellFormedChallenge,
} from './api.js';

const appOf = (strategy: unknown, ...others: unknown[]) =>
  appWith([strategy, ...others], (app) => app.get('/', tellCaller));
const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);
afterEach(() => void vi.useRealTimers());

/** Time goes on only by hand; the network goes on by itself. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
}

type Answer = (res: ServerResponse) => void;
const isFor = (what: 'keys' | 'metadata', { url }: IncomingMessage) => (what === 'keys') === url?.includes('/keys');
function answerInstead(what: 'keys' | 'metadata', answer: Answer): void {
  authority.intercept = (req, res) => {
    if (!isFor(what, req)) return false;
    answer(res);
    return true;
  };
}

const notJson: [name: string, answer: Answer][] = [
  ['503 with HTML', (res) => res.writeHead(503).end('<html>')],
  ['503 and nothing', (res) => res.writeHead(503).end()],
  ['302', (res) => res.writeHead(302, { location: 'https://proxy.test/' }).end()],
  ['200 with HTML', (res) => res.writeHead(200).end('<html>')],
  ['200 and nothing', (res) => res.writeHead(200).end()],
];
const bothDocuments = (['keys', 'metadata'] as const).flatMap((what) =>
  notJson.map(([name, answer]) => [what, name, answer] as const),
);

describe('the drop-in cures', () => {
  it.each(bothDocuments)('W1: %s are answered with %s, and the process goes on', async (what, _name, answer) => {
    stopClock();
    const tenant = newTenant();
    const app = appOf(dropIn(tenant));
    const token = tokensOf(tenant).user('Mail.Read');
    answerInstead(what, answer);
    const outage = await call(app, token);
    expect([outage.status, Number(outage.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    expect((await call(app)).status).toBe(401);
    authority.intercept = undefined;
    minutes(1);
    expect((await call(app, token)).status).toBe(200);
  });

  it.each<[string, Answer]>([
    ['a 503 with JSON', (res) => res.writeHead(503).end('{}')],
    ['an empty key set', (res) => res.writeHead(200).end('{"keys":[]}')],
  ])('W2: %s spoils nothing that comes after it', async (_name, answer) => {
    stopClock();
    const tenant = newTenant();
    const app = appOf(dropIn(tenant));
    const token = tokensOf(tenant).user('Mail.Read');
    answerInstead('keys', answer);
    expect((await call(app, token)).status).toBe(503);
    authority.intercept = undefined;
    minutes(1);
    expect((await call(app, token)).status).toBe(200);
  });

  it.each(['keys', 'metadata'] as const)('W3: %s that break off in the middle wedge nothing', async (what) => {
    stopClock();
    const tenant = newTenant();
    const app = appOf(dropIn(tenant));
    const token = tokensOf(tenant).user('Mail.Read');
    answerInstead(what, (res) => {
      res.writeHead(200, { 'content-length': '1000' }).write('{');
      setImmediate(() => res.destroy());
    });
    expect((await call(app, token)).status).toBe(503);
    authority.intercept = undefined;
    minutes(1);
    expect((await call(app, token)).status).toBe(200);
  });

  it('W4: an authority that never answers holds nobody up who has no token, and the others for seconds', async () => {
    const tenant = newTenant();
    const app = appOf(dropIn(tenant), apiKey);
    answerInstead('metadata', () => {});
    const bearer = call(app, tokensOf(tenant).user('Mail.Read')).then(({ status }) => status);
    expect((await call(app, undefined, '/', { 'x-api-key': 'good' })).status).toBe(200);
    expect((await call(app)).status).toBe(401);
    expect(await bearer).toBe(503);
  });

  it('W5: a handler of uncaught exceptions has nothing to hear, and the API is not wedged', async () => {
    stopClock();
    const heard: unknown[] = [];
    const hear = (error: unknown) => void heard.push(error);
    process.on('uncaughtException', hear);
    try {
      const tenant = newTenant();
      const app = appOf(dropIn(tenant));
      answerInstead('keys', (res) => res.writeHead(200).end('<html>'));
      await call(app, tokensOf(tenant).user('Mail.Read')).expect(503);
      authority.intercept = undefined;
      minutes(1);
      await call(app, tokensOf(tenant).user('Mail.Read')).expect(200);
      expect(heard).toEqual([]);
    } finally {
      process.off('uncaughtException', hear);
    }
  });

  it('W6: an outage keeps known callers in, is 503 for others, and requests do not multiply it', async () => {
    stopClock();
    const [known, fresh] = [newTenant(), newTenant()];
    const app = appOf(dropIn(known));
    const cold = appOf(dropIn(fresh));
    await call(app, tokensOf(known).user('Mail.Read')).expect(200);
    authority.requests.length = 0;
    answerInstead('metadata', (res) => res.writeHead(503).end());
    minutes(31);
    expect((await call(app, tokensOf(known).user('Mail.Write'))).status).toBe(200);
    for (let turn = 0; turn < 50; turn++) {
      expect((await call(cold)).status).toBe(401);
      expect((await call(cold, tokensOf(fresh).user('Mail.Read'))).status).toBe(503);
    }
    expect(authority.requests).toHaveLength(1);
  });

  it('W7: a new key is fetched when it is first seen', async () => {
    const tenant = newTenant();
    const app = appOf(dropIn(tenant));
    await call(app, tokensOf(tenant).user('Mail.Read')).expect(200);
    const next = makeKey('key-2', 'https://login.microsoftonline.com/{tenantid}/v2.0');
    authority.keys = [authority.key, next];
    const claims = authority.user('Mail.Read', {
      tid: tenant,
      iss: metadataOf(tenant).replace('/.well-known/openid-configuration', ''),
    });
    expect((await call(app, authority.token(claims, {}, next))).status).toBe(200);
  });

  it.each<[string, (...args: unknown[]) => unknown]>([
    ['throws', (token) => (token as { roles: string[] }).roles.includes('X')],
    ['rejects', async (token) => (token as { roles: string[] }).roles.includes('X')],
    ['throws what is no error', () => Promise.reject(undefined)],
  ])('W8: a verify callback that %s is a 500 of that request', async (_name, verify) => {
    const tenant = newTenant();
    const app = appOf(dropIn(tenant, {}, verify as never));
    expect((await call(app, tokensOf(tenant).user('Mail.Read'))).status).toBe(500);
    expect((await call(app)).status).toBe(401);
  });

  it.each([
    ['a refusal in another script', 'Zugriff für Jürgen 王', 'Mail.Read'],
    ['a scope with a line break', undefined, 'Other\r\nSet-Cookie:x'],
  ])('W9: %s never becomes a header', async (_name, message, scp) => {
    const tenant = newTenant();
    const strategy = dropIn(tenant, { loggingNoPII: false, scope: ['Mail.Read'] }, (_token, done) =>
      done(null, false, { message }),
    );
    const answer = await call(appOf(strategy), tokensOf(tenant).user(scp));
    expect([401, 403]).toContain(answer.status);
    expect(JSON.stringify(answer.headers)).not.toMatch(/Zugriff|Set-Cookie/);
  });

  const tenant = newTenant();
  const as = tokensOf(tenant);
  const idToken = { scp: undefined, azp: undefined, nonce: 'n', roles: ['Mail.Read'] };
  /** Each is 200 with passport-azure-ad, and so is the contrast that the tests below begin with. */
  const loose: [name: string, token: string][] = [
    ['an ID token with roles', as.user('', idToken)],
    ['an application without any role', as.app([])],
    ['tid of another tenant than iss', as.user('Mail.Read', { tid: newTenant() })],
    ['no tid', as.user('Mail.Read', { tid: undefined })],
    ['no ver', as.user('Mail.Read', { ver: undefined })],
    ['no oid', as.user('Mail.Read', { oid: undefined })],
    ['roles that are a string', as.app([], { roles: 'Mail.ReadWrite' })],
    ['neither scopes nor roles, of a user', as.user('', { scp: undefined })],
  ];

  it.each(loose)('W10: passport-azure-ad lets in %s; the drop-in, and adopt, do not', async (_name, token) => {
    const asItWas = appWith([azure(tenant)], (app) => app.get('/', (_req, res) => void res.json({})));
    expect((await call(asItWas, token)).status).toBe(200);
    expect((await call(appOf(dropIn(tenant)), token)).status).toBe(401);
    expect((await call(appOf(adopted(tenant)), token)).status).toBe(401);
  });

  /** Signed with the public key as an HMAC secret, as passport-azure-ad writes it. */
  function forged(claims: Claims): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ typ: 'JWT', alg: 'HS256', kid: authority.key.kid })}.${part(claims)}`;
    const der = authority.key.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    return `${input}.${createHmac('sha256', der).update(input).digest('base64url')}`;
  }

  it('W11: the algorithm is RS256, whatever the metadata lists', async () => {
    const own = newTenant();
    const issuer = `https://login.microsoftonline.com/${own}/v2.0`;
    answerInstead('metadata', (res) =>
      res.writeHead(200).end(
        JSON.stringify({
          issuer,
          jwks_uri: `https://login.microsoftonline.com/${own}/discovery/v2.0/keys`,
          id_token_signing_alg_values_supported: ['RS256', 'HS256'],
        }),
      ),
    );
    const token = forged(authority.application(['Mail.Read'], { tid: own, iss: issuer }));
    expect((await call(appOf(dropIn(own)), token)).status).toBe(401);
    expect((await call(appOf(adopted(own)), token)).status).toBe(200);
  });

  it('W12: a caller cannot choose the tenant, nor make the API fetch for one', async () => {
    const strategy = dropIn(tenant, { identityMetadata: metadataOf('common'), tenants: [tenant] });
    const app = appWith([strategy], (each) => each.get('/', tellCaller), { tenantIdOrName: 'contoso.com' });
    for (let turn = 0; turn < 20; turn++) expect((await call(app)).status).toBe(500);
    expect(authority.requests).toEqual([]);
  });

  it('W13: nothing is logged, least of all a token', async () => {
    const written: string[] = [];
    const write = (chunk: unknown) => written.push(String(chunk)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
    try {
      const app = appOf(dropIn(tenant, { loggingLevel: 'info', loggingNoPII: false }));
      for (const token of ['a.b.c', 'garbage', as.user('Mail.Read'), as.user('Mail.Read', { exp: 1, nbf: 0 })])
        await call(app, token);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(written.join('')).not.toMatch(/eyJ|garbage|Mail\.Read|BearerStrategy: .*token/);
  });

  it('W14: each no has its status, and challenges are well formed', async () => {
    const app = appOf(dropIn(tenant, { scope: ['Mail.Read'] }));
    const unauthorized = [
      undefined,
      'a.b.c',
      as.user('Mail.Read', { exp: 1, nbf: 0 }),
      as.user('Mail.Read', { aud: newTenant() }),
    ];
    for (const token of unauthorized) {
      const answer = await call(app, token);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([
        401,
        expect.stringMatching(wellFormedChallenge),
      ]);
    }
    expect((await call(app, as.user('Mail.Write'))).status).toBe(403);
    expect(() => dropIn(tenant, { identityMetadata: metadataOf('common') })).toThrow(/nothing says who may call/);
  });

  it('W15: the first answer of a verify callback counts', async () => {
    const errors: unknown[] = [];
    const twice = dropIn(tenant, {}, (_token, done) => {
      done(null, { name: 'first' });
      done(null, false);
      done(new Error('third'));
    });
    const app = appOf(twice);
    app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
      errors.push(error);
      next(error);
    });
    const answer = await call(app, as.user('Mail.Read'));
    expect([answer.status, answer.body.user, errors]).toEqual([200, { name: 'first' }, []]);
  });
});
