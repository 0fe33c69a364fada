import express from 'express';
import { allow, ConfigurationError, publicRoute } from 'express-app-roles';
import { permissionReference } from 'express-app-roles/reference';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp, entra, permissions } from './api.js';

const { tenant, clientId } = entra;
const script = { name: 'Script', token: () => tokenOf(entra.asApplication('Note.Read')) };
const ada = {
  name: 'Ada',
  token: async () => tokenOf(entra.asUser('Ada', 'Note.Read', { userRoles: ['Note.Editor'] })),
};
const tokenOf = ({ Authorization }: { readonly Authorization: string }) => Authorization.replace('Bearer ', '');

const app = createApp({
  mount(api) {
    const localEntra = { testAuthority: entra, callers: [script, ada] };
    const openApi = { tenant, clientId, title: 'Notes', testAuthority: entra };
    api.use(
      '/permissions',
      publicRoute(),
      permissionReference({ app: api, permissions, title: 'Notes', openApi, localEntra }),
    );
    api.use('/plain', publicRoute(), permissionReference({ app: api, permissions }));
    api.use(
      '/staff',
      allow(permissions.delegated('Note.Share').onAnyRecord()),
      permissionReference({ app: api, permissions }),
    );
    api.use('/undeclared', permissionReference({ app: api, permissions }));
    // A route after the page: it is there when the page is asked for.
    api.get('/late', publicRoute(), (_req, res) => void res.end());
  },
});

describe('the page', () => {
  it.each(['/', '/page.mjs', '/page.css', '/reference.json', '/explain?operation=GET /notes&kind=anonymous'])(
    '%s comes with a policy that lets in nothing from elsewhere',
    async (path) => {
      const { headers } = await request(app).get(`/permissions${path}`).expect(200);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
    },
  );

  it('names its files relative to itself, and nothing inline', async () => {
    const { text, headers } = await request(app).get('/permissions/').expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const named = [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, name = '']) => name);
    expect(named).toEqual(expect.arrayContaining(['page.css', 'page.mjs']));
    for (const name of named.filter((each) => each !== 'data:,')) {
      await request(app).get(`/permissions/${name}`).expect(200);
    }
    expect(text).not.toMatch(/<style|style="|<script[^>]*>[^<]| on\w+="/);
  });

  it('leads to its folder, whatever is in front of the app', async () => {
    const { headers } = await request(app).get('/permissions?x=1').expect(302);
    expect(headers.location).toBe('./permissions/');
  });

  it('answers HEAD, and leaves everything else to the app', async () => {
    const { text } = await request(app).head('/permissions/').expect(200);
    expect(text).toBeUndefined();
    await request(app).get('/permissions/nowhere').expect(404);
    await request(app).get('/permissions/constructor').expect(404);
    await request(app).post('/permissions/explain').expect(404);
    await request(app).delete('/permissions/').expect(404);
  });

  it('has the documents, and the routes that came after it', async () => {
    const { body } = await request(app).get('/permissions/reference.json').expect(200);
    expect(body).toMatchObject({
      title: 'Notes',
      root: '../',
      documents: ['permissions.json', 'openapi.json'],
      callers: ['Script', 'Ada'],
    });
    expect(body.operations.map(({ name }: { name: string }) => name)).toContain('GET /late');
    expect(body.operations.map(({ name }: { name: string }) => name).join()).not.toContain('/permissions');
    const openapi = await request(app).get('/permissions/openapi.json').expect(200);
    expect(openapi.body).toMatchObject({ openapi: '3.1.1', info: { title: 'Notes' } });
    const document = await request(app).get('/permissions/permissions.json').expect(200);
    expect(Object.keys(document.body)).toEqual(['permissions']);
    await request(app).get('/plain/openapi.json').expect(404);
  });

  it('says where the API begins, mounted deeper or in another app', async () => {
    const inner = createApp({
      mount: (api) => void api.use('/permissions', publicRoute(), permissionReference({ app: api, permissions })),
    });
    const outer = express();
    outer.use('/api/v1', inner);
    expect((await request(outer).get('/api/v1/permissions/reference.json')).body.root).toBe('../');
    const deeper = createApp({
      mount: (api) =>
        void api.use('/docs/of/permissions', publicRoute(), permissionReference({ app: api, permissions })),
    });
    expect((await request(deeper).get('/docs/of/permissions/reference.json')).body.root).toBe('../../../');
  });
});

describe('who may read it', () => {
  it('is what its declaration says', async () => {
    await request(app).get('/staff/').expect(401);
    await request(app).get('/staff/reference.json').set(entra.asApplication('Note.Read')).expect(403);
    await request(app).get('/staff/reference.json').set(entra.asUser('Ada', 'Note.Share')).expect(200);
  });

  it.each(['/', '/page.mjs', '/reference.json', '/explain?operation=GET /notes&kind=anonymous'])(
    'is no one where nothing is declared: %s',
    async (path) => {
      const { text } = await request(app).get(`/undeclared${path}`).set(entra.asUser('Ada', 'Note.Share')).expect(500);
      expect(text).not.toMatch(/Note\.Selected|Permissions<|import|outcome/);
    },
  );
});

describe('tokens of the local Entra', () => {
  const sameOrigin = { 'Sec-Fetch-Site': 'same-origin' };

  it('come with what they say, and are good', async () => {
    const { body, headers } = await request(app).post('/permissions/token?caller=1').set(sameOrigin).expect(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      token: expect.any(String),
      kind: 'delegated',
      permissions: ['Note.Read'],
      userRoles: ['Note.Editor'],
      account: 'work',
      objectId: entra.user('Ada').principal.objectId,
    });
    const asScript = await request(app).post('/permissions/token?caller=0').set(sameOrigin).expect(200);
    expect(asScript.body).toMatchObject({ kind: 'application', permissions: ['Note.Read'], userRoles: [] });
    await request(app).get('/notes').set('Authorization', `Bearer ${asScript.body.token}`).expect(200);
  });

  it.each([{}, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' }])(
    'are not for other pages: %j',
    async (headers) => {
      const { text } = await request(app).post('/permissions/token?caller=0').set(headers).expect(403);
      expect(text).not.toContain('eyJ');
    },
  );

  it.each(['', '?caller=2', '?caller=-1', '?caller=__proto__', '?caller=0.0'])(
    'are of those who are offered: %j',
    async (query) => {
      await request(app).post(`/permissions/token${query}`).set(sameOrigin).expect(400);
    },
  );

  it('are not there unless they were asked for', async () => {
    await request(app).post('/plain/token?caller=0').set(sameOrigin).expect(404);
    await request(app).get('/permissions/token?caller=0').set(sameOrigin).expect(404);
  });

  it.each([
    ['of another issuer', () => 'e30.eyJpc3MiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ubGluZS5jb20vIn0.e30'],
    ['that are none', () => 'a secret'],
  ])('%s are not handed out', async (_, token) => {
    const other = createApp({
      mount: (api) =>
        void api.use(
          '/permissions',
          publicRoute(),
          permissionReference({
            app: api,
            permissions,
            localEntra: { testAuthority: entra, callers: [{ name: 'Other', token }] },
          }),
        ),
    });
    const { text } = await request(other).post('/permissions/token?caller=0').set(sameOrigin).expect(500);
    expect(text).not.toContain('secret');
  });
});

it('needs no more than an app and its permissions', async () => {
  const app = express();
  app.use('/permissions', publicRoute(), permissionReference({ app, permissions }));
  app.get('/notes', allow(permissions.application('Note.Read')));
  const { body } = await request(app).get('/permissions/reference.json').expect(200);
  expect(body).toMatchObject({ title: 'Permissions', documents: ['permissions.json'], callers: [] });
  expect(body.operations).toMatchObject([{ name: 'GET /notes', access: 'permissions' }]);
});

describe('at the start', () => {
  afterEach(() => void vi.unstubAllEnvs());
  const plain = express();
  const localEntra = { testAuthority: entra, callers: [script] };

  it('refuses a local Entra in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => permissionReference({ app: plain, permissions })).not.toThrow();
    expect(() => permissionReference({ app: plain, permissions, localEntra })).toThrow(ConfigurationError);
  });

  it.each([
    ['no app', { app: {} }],
    ['no permissions', { permissions: undefined }],
    [
      'an authority that is not on this machine',
      { localEntra: { ...localEntra, testAuthority: 'https://login.microsoftonline.com' } },
    ],
    ['a caller without a token', { localEntra: { ...localEntra, callers: [{ name: 'Script' }] } }],
  ])('refuses %s', (_, wrong) => {
    expect(() => permissionReference({ app: plain, permissions, ...wrong } as never)).toThrow(ConfigurationError);
  });
});
