import express from 'express';
import { type Authenticate, allow, authenticate, definePermissions, problemDetails } from 'express-app-roles';
import { type Emulator, type Fault, startEmulator } from 'express-app-roles/emulator';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const permissions = definePermissions({
  'Mail.Read': { application: { displayName: 'Read mail', description: 'Lets the app read mail.' } },
});
const directory = {
  applications: [
    { displayName: 'API', permissions },
    { displayName: 'Script', secrets: ['a secret'], appRoleAssignments: { API: ['Mail.Read'] } },
  ],
};

let entra: Emulator;
beforeEach(async () => {
  entra = await startEmulator({ directory });
});
afterEach(() => entra.close());

/** A real API, that reaches the local Entra over the network or without one. */
function createApi(how: 'over HTTP' | 'in process') {
  const guard: Authenticate = authenticate({
    tenant: entra.tenantId,
    clientId: entra.directory.applications.named('API').clientId,
    permissions,
    testAuthority: how === 'over HTTP' ? entra.origin : entra,
  });
  const app = express();
  app.use(guard);
  app.get('/', allow(permissions.application('Mail.Read')), (_req, res) => {
    res.json('mail');
  });
  app.use(problemDetails());
  const token = () => entra.applicationToken({ client: 'Script', resource: 'API' });
  return {
    keys: guard.keys,
    token,
    get: (bearer = token()) => request(app).get('/').set('Authorization', `Bearer ${bearer}`),
    health: guard.health,
  };
}

const faults: [string, Fault][] = [
  ['an outage with 500', { kind: 'outage', as: 500 }],
  ['an outage with 503', { kind: 'outage', as: 503 }],
  ['connections that are refused', { kind: 'outage', as: 'refused' }],
  ['a web page', { kind: 'html' }],
  ['an answer that is too slow', { kind: 'slow', seconds: 7 }],
];

describe.each(['over HTTP', 'in process'] as const)('an API that asks %s', (how) => {
  it.each(faults)('is 503 before it has keys, and recovers: %s', async (_what, fault) => {
    const api = createApi(how);
    entra.faults.begin(fault);
    const { status, headers } = await api.get();
    expect([status, Number(headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    entra.faults.end();
    await api.keys.refresh();
    await api.get().expect(200);
  });

  it('recovers by itself', async () => {
    const api = createApi(how);
    entra.faults.begin({ kind: 'outage', as: 503 }, { seconds: 1 });
    await api.get().expect(503);
    await expect.poll(async () => (await api.get()).status, { timeout: 12_000, interval: 250 }).toBe(200);
  });

  it.each(faults.slice(0, 4))(
    'goes on with the keys that it has, and takes new ones afterwards: %s',
    async (_what, fault) => {
      const api = createApi(how);
      await api.get().expect(200);
      entra.faults.begin(fault);
      await api.get().expect(200);
      entra.keys.rollOver({ overlap: true });
      await api.get().expect(503);
      entra.faults.end();
      await api.keys.refresh();
      await api.get().expect(200);
    },
  );

  it('waits for an answer that is slow', async () => {
    const api = createApi(how);
    entra.faults.begin({ kind: 'slow', seconds: 0.3 });
    const before = Date.now();
    await api.get().expect(200);
    expect(Date.now() - before).toBeGreaterThan(290);
  });

  it('takes old and new tokens after a rollover with overlap', async () => {
    const api = createApi(how);
    const old = api.token();
    await api.get(old).expect(200);
    entra.keys.rollOver({ overlap: true });
    await api.get().expect(200);
    await api.keys.refresh({ replace: true });
    await api.get(old).expect(200);
  });

  it('takes new tokens at once after a rollover without, and old ones no more when it has noticed', async () => {
    const api = createApi(how);
    const old = api.token();
    await api.get(old).expect(200);
    entra.keys.rollOver({ overlap: false });
    await api.get().expect(200);
    await api.keys.refresh({ replace: true });
    await api.get(old).expect(401);
    await api.get().expect(200);
  });

  it('does not take what a withdrawn key has signed', async () => {
    const api = createApi(how);
    const stolen = api.token();
    await api.get(stolen).expect(200);
    entra.keys.withdraw(entra.keys.signing.kid);
    await api.keys.refresh({ replace: true });
    await api.get(stolen).expect(401);
    await api.get().expect(200);
  });

  it.each([
    ['20 minutes ahead', 1200, 'not_yet_valid'],
    ['2 hours behind', -7200, 'expired'],
  ])(
    'does not take the tokens of a clock that is %s, and takes them again when it is right',
    async (_what, ahead, code) => {
      const api = createApi(how);
      entra.clock.setAhead(ahead);
      const { status, body } = await api.get();
      expect([status, body.code]).toEqual([401, code]);
      entra.clock.setAhead(0);
      await api.get().expect(200);
    },
  );
});

describe('faults', () => {
  it('end by themselves', async () => {
    entra.faults.begin({ kind: 'outage', as: 503 }, { seconds: 0.2 });
    const keys = `${entra.origin}/${entra.tenantId}/discovery/v2.0/keys`;
    expect((await fetch(keys)).status).toBe(503);
    expect(entra.faults.current).toEqual({ kind: 'outage', as: 503 });
    await expect.poll(() => entra.faults.current).toBeUndefined();
    expect((await fetch(keys)).status).toBe(200);
  });

  it('are for every address: clients get no tokens, and Microsoft Graph does not answer', async () => {
    const token = { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }) };
    const both = async () => [
      await fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token`, token),
      await fetch(`${entra.origin}/v1.0/applications`),
    ];
    entra.faults.begin({ kind: 'outage', as: 500 });
    expect((await both()).map(({ status }) => status)).toEqual([500, 500]);
    entra.faults.begin({ kind: 'html' });
    const pages = await both();
    expect(pages.map(({ status, headers }) => [status, headers.get('content-type')?.split(';')[0]])).toEqual([
      [200, 'text/html'],
      [200, 'text/html'],
    ]);
    entra.faults.begin({ kind: 'outage', as: 'refused' });
    await expect(both()).rejects.toThrow('fetch failed');
    entra.faults.end();
    expect((await both()).map(({ status }) => status)).toEqual([400, 401]);
  });

  it('are seen in the log: what was answered, and what was dropped', async () => {
    entra.faults.begin({ kind: 'outage', as: 'refused' });
    await fetch(`${entra.origin}/common/discovery/keys`).catch(() => undefined);
    await expect
      .poll(() => entra.log.entries.at(-1))
      .toMatchObject({ event: 'asked', path: '/common/discovery/keys', status: 'dropped' });
  });

  it('stop waiting where the one who asked has given up', async () => {
    entra.faults.begin({ kind: 'slow', seconds: 60 });
    const keys = `${entra.origin}/${entra.tenantId}/discovery/v2.0/keys`;
    await expect(entra.fetch(keys, { signal: AbortSignal.timeout(20) })).rejects.toThrow();
  });
});

describe('the log', () => {
  it('tells of every entry as it comes, until it is asked no more', async () => {
    const heard: string[] = [];
    const stop = entra.log.follow(({ event }) => heard.push(event));
    entra.applicationToken({ client: 'Script', resource: 'API' });
    stop();
    entra.applicationToken({ client: 'Script', resource: 'API' });
    expect(heard).toEqual(['issued']);
  });

  it('has no secret, token, assertion, code or query in it', async () => {
    const post = (form: Record<string, string>, query = '', headers = {}) =>
      fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token${query}`, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers,
      });
    const { clientId } = entra.directory.applications.named('Script');
    const api = entra.directory.applications.named('API');
    const good = { grant_type: 'client_credentials', client_id: clientId, scope: `api://${api.clientId}/.default` };
    const issued = (await (await post({ ...good, client_secret: 'a secret' })).json()) as { access_token: string };
    await post({ ...good, client_secret: 'sentinel' }, '?client_secret=sentinel');
    await post({ ...good, client_id: 'sentinel', scope: 'sentinel' });
    await post({ ...good, client_assertion: 'sentinel', client_assertion_type: 'sentinel' });
    await post(good, '', { authorization: `Basic ${Buffer.from(`${clientId}:sentinel`).toString('base64')}` });
    for (const grant of ['sentinel', 'authorization_code', 'refresh_token', 'device_code', 'password']) {
      const fields = { code: 'sentinel', refresh_token: 'sentinel', device_code: 'sentinel', password: 'sentinel' };
      await post({ ...good, grant_type: grant, ...fields });
    }
    await fetch(`${entra.origin}/v1.0/applications?$filter=sentinel`, {
      headers: { authorization: 'Bearer sentinel' },
    });
    await expect.poll(() => entra.log.entries.at(-1)).toMatchObject({ path: '/v1.0/applications' });
    expect(entra.log.entries.map(({ event }) => event)).toEqual(expect.arrayContaining(['asked', 'issued', 'refused']));
    const text = JSON.stringify(entra.log.entries);
    const found = ['sentinel', 'a secret', issued.access_token, issued.access_token.split('.')[2] ?? ''];
    expect(found.filter((each) => text.includes(each))).toEqual([]);
  });
});
