import { publicRoute } from 'express-app-roles';
import { permissionReference } from 'express-app-roles/reference';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { asked, createApp, entra, notes, permissions } from './api.js';

const app = createApp({
  mount: (api) => void api.use('/permissions', publicRoute(), permissionReference({ app: api, permissions })),
});
const ada = entra.user('Ada');
const script = entra.client('script');
const stranger = entra.client('stranger');

beforeEach(() => {
  notes.clear();
  notes.set('of-ada', { owner: ada.principal, readers: [] });
  notes.set('of-script', { owner: script.principal, readers: [] });
  notes.set('read-by-script', { owner: stranger.principal, readers: [script.principal.objectId] });
  notes.set('of-stranger', { owner: stranger.principal, readers: [] });
});

const explain = (query: string) => request(app).get(`/permissions/explain?${query}`);

const operations = [
  'GET /health',
  'GET /notes',
  'POST /notes',
  'GET /notes/:id',
  'PATCH /notes/:id',
  'DELETE /notes/:id',
  'GET /secrets/:id',
  'PUT /hidden',
];
const records = [
  { id: 'absent', flags: '' },
  { id: 'of-stranger', flags: '&there' },
  { id: 'of-ada', flags: '&there', flagsOfAda: '&there&owned' },
  { id: 'of-script', flags: '&there', flagsOfScript: '&there&owned' },
  { id: 'read-by-script', flags: '&there', flagsOfScript: '&there&selected' },
];
const scopes = [['Note.Read'], ['Note.Write'], ['Note.Share'], ['Note.Write', 'Note.Share']] as const;
const appRoles = [
  [],
  ['Note.Read'],
  ['Note.Write'],
  ['Note.Read', 'Note.Write'],
  ['Note.ReadWrite.OwnedBy'],
  ['Note.Read', 'Note.ReadWrite.OwnedBy'],
  ['Note.Selected'],
  ['Note.Write', 'Note.Old'],
] as const;

/** Callers as one describes them, and with the credentials that they would have. */
const callers = [
  { query: 'kind=anonymous', headers: {}, of: 'nobody' },
  ...appRoles.map((roles) => ({
    query: ['kind=application', ...roles.map((name) => `permission=${name}`)].join('&'),
    headers: entra.asApplication(roles, { client: script }),
    of: 'script',
  })),
  ...scopes.flatMap((names) =>
    ([[], ['Note.Editor']] as const).map((userRoles) => ({
      query: [
        'kind=delegated',
        ...names.map((name) => `permission=${name}`),
        ...userRoles.map((name) => `userRole=${name}`),
      ].join('&'),
      headers: entra.asUser(ada, names, { userRoles }),
      of: 'ada',
    })),
  ),
];

describe('the explainer', () => {
  it.each(operations)('says of %s what the API does, for every caller and record', async (operation) => {
    const [method = '', path = ''] = operation.split(' ');
    const those = path.includes(':id') ? records : records.slice(0, 1);
    for (const { id, flags, flagsOfAda = flags, flagsOfScript = flags } of those) {
      for (const { query, headers, of } of callers) {
        for (const isOpen of [true, false]) {
          const known = `${of === 'ada' ? flagsOfAda : of === 'script' ? flagsOfScript : flags}${isOpen ? '&conditions' : ''}`;
          const url = path.replace(':id', id);
          const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'put' | 'delete';
          const real = await request(app)
            [verb](url)
            .set(headers)
            .set('X-Open', isOpen ? 'yes' : 'no');
          const { body } = await explain(`operation=${encodeURIComponent(operation)}&${query}${known}`).expect(200);
          const told = body.outcome === 'admitted' ? [200, undefined] : [body.status, body.code];
          expect(told, `${operation}: ${query}${known}`).toEqual([real.status, real.body.code]);
        }
      }
    }
  });

  it('says grant by grant why', async () => {
    const notHeld = 'the caller does not hold the permission';
    const { body } = await explain('operation=GET /notes/:id&kind=application&permission=Note.Selected&there');
    expect(body).toEqual({
      outcome: 'refused',
      status: 403,
      code: 'not_selected',
      message: 'The permission covers only records that were granted to the client.',
      allows: [
        [
          { grant: 'delegated Note.Read, owned note', outcome: 'other-kind', why: 'is for callers of the other kind' },
          {
            grant: 'application Note.Selected, selected note as read',
            outcome: 'not-selected',
            why: 'the client was not granted the role on the record',
          },
          { grant: 'application Note.ReadWrite.OwnedBy, owned note', outcome: 'missing-permission', why: notHeld },
          { grant: 'application Note.Read', outcome: 'missing-permission', why: notHeld },
        ],
      ],
    });
  });

  it('knows personal accounts', async () => {
    const asPersonal = (permission: string) =>
      explain(`operation=PATCH /notes/:id&kind=delegated&permission=${permission}&account=personal&there&owned`);
    expect((await asPersonal('Note.Write')).body).toMatchObject({ outcome: 'refused', code: 'personal_account' });
  });

  it.each([
    ['no operation', 'kind=application'],
    ['an operation that is not there', 'operation=GET /nowhere&kind=application'],
    ['no kind', 'operation=GET /notes'],
    ['a kind that is none', 'operation=GET /notes&kind=admin'],
    ['a permission that is none', 'operation=GET /notes&kind=application&permission=Note.Nothing'],
    ['a permission named like what every object has', 'operation=GET /notes&kind=application&permission=constructor'],
    ['a permission of the other kind', 'operation=GET /notes&kind=delegated&permission=Note.Selected'],
    ['a permission of nobody', 'operation=GET /notes&kind=anonymous&permission=Note.Read'],
    ['a user role of a client', 'operation=GET /notes&kind=application&userRole=Note.Editor'],
    ['an account that is none', 'operation=GET /notes&kind=delegated&account=both'],
    ['a kind twice', 'operation=GET /notes&kind=delegated&kind=application'],
    ['a token', 'operation=GET /notes&kind=application&token=eyJ'],
  ])('answers 400 to %s, and quotes nothing', async (_, query) => {
    const { headers, body, text } = await explain(query).expect(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 400, title: 'Bad Request' });
    expect(text).not.toMatch(/nowhere|Nothing|constructor|admin|both|eyJ/);
  });

  it('calls no function of the application', async () => {
    const before = asked.functions;
    for (const operation of operations) {
      for (const { query } of callers) {
        await explain(`operation=${encodeURIComponent(operation)}&${query}&there&owned&selected&conditions`).expect(
          200,
        );
      }
    }
    expect(asked.functions).toBe(before);
    await request(app)
      .get('/notes/of-script')
      .set(entra.asApplication('Note.ReadWrite.OwnedBy', { client: script }));
    expect(asked.functions).toBeGreaterThan(before);
  });
});
