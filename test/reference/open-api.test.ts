import { Validator } from '@seriousme/openapi-schema-validator';
import express from 'express';
import { allow, ConfigurationError, definePermissions } from 'express-app-roles';
import { permissionsFromDocument } from 'express-app-roles/document';
import { openApi } from 'express-app-roles/reference';
import { expect, it } from 'vitest';
import { createApp, entra, permissions } from './api.js';

const { tenant, clientId } = entra;
const options = { app: createApp(), permissions, tenant, clientId };
const scope = (name: string) => `api://${clientId}/${name}`;
const asApplication = (...roles: string[]) => ({ entraApplication: [scope('.default')], entraAppRole: roles });

async function expectValid(document: object) {
  const validator = new Validator();
  expect(await validator.validate(structuredClone(document) as Record<string, unknown>)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
}

it('is a valid document of OpenAPI 3.1', async () => {
  const { document, conflicts } = openApi(options);
  await expectValid(document);
  expect(conflicts).toEqual([]);
  expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'API', version: '1.0.0' } });
});

it('says how tokens are asked for at Entra', () => {
  const login = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0`;
  expect(openApi(options).document).toMatchObject({
    components: {
      securitySchemes: {
        entraDelegated: {
          type: 'oauth2',
          flows: {
            authorizationCode: {
              authorizationUrl: `${login}/authorize`,
              tokenUrl: `${login}/token`,
              scopes: { [scope('Note.Read')]: 'Do it', [scope('Note.Write')]: 'Do it', [scope('Note.Share')]: 'Do it' },
            },
          },
        },
        entraApplication: {
          type: 'oauth2',
          flows: {
            clientCredentials: { tokenUrl: `${login}/token`, scopes: { [scope('.default')]: expect.any(String) } },
          },
        },
        entraAppRole: { type: 'http', scheme: 'bearer' },
        entraUserRole: { type: 'http', scheme: 'bearer' },
      },
    },
  });
  const elsewhere = openApi({ ...options, cloud: 'china', identifierUri: 'https://notes.example' }).document;
  expect(JSON.stringify(elsewhere)).toContain('https://login.partner.microsoftonline.cn/');
  expect(JSON.stringify(elsewhere)).toContain('https://notes.example/Note.Read');
  expect(JSON.stringify(elsewhere)).not.toContain('api://');
});

it('keeps an OR of ANDs', () => {
  expect(openApi(options).document.paths).toMatchObject({
    '/health': { get: { security: [] } },
    '/notes/{id}': {
      get: {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        security: [
          { entraDelegated: [scope('Note.Read')] },
          asApplication('Note.Selected'),
          asApplication('Note.ReadWrite.OwnedBy'),
          asApplication('Note.Read'),
        ],
      },
      patch: {
        security: [
          { entraDelegated: [scope('Note.Write')], entraUserRole: ['Note.Editor'] },
          { entraDelegated: [scope('Note.Share'), scope('Note.Write')] },
        ],
      },
      // Two declarations, each an OR: one of each, of one kind.
      delete: {
        security: [
          asApplication('Note.Write', 'Note.Read'),
          asApplication('Note.ReadWrite.OwnedBy', 'Note.Read'),
          { entraDelegated: [scope('Note.Write'), scope('Note.Share')] },
        ],
      },
    },
  });
});

it('says in words and in x-permissions whose records', () => {
  expect(openApi(options).document.paths).toMatchObject({
    '/notes/{id}': {
      get: {
        description: expect.stringContaining(
          '- application `Note.ReadWrite.OwnedBy`: only a note that the client owns',
        ),
        'x-permissions': [
          expect.arrayContaining([
            {
              grant: 'application Note.Selected, selected note as read',
              kind: 'application',
              permissions: ['Note.Selected'],
              records: { rule: 'selected', names: ['note'], role: 'read' },
              limits: ['only a note on which the client was granted the role read'],
            },
          ]),
        ],
      },
    },
    '/hidden': { put: { 'x-permissions': [[{ conditions: ['office hours'] }]] } },
  });
});

it('says in x-permissions of which tenants', () => {
  const everywhere = permissions.application('Note.Read').acrossTenants();
  const app = createApp({ mount: (api) => void api.get('/everywhere', allow(everywhere)) });
  expect(openApi({ ...options, app }).document.paths).toMatchObject({
    '/everywhere': {
      get: { 'x-permissions': [[{ everyTenant: true, limits: ['records of every admitted tenant'] }]] },
    },
  });
});

it('says in x-permissions with which accounts', () => {
  const scheme = { adminDisplayName: 'Read', adminDescription: 'Lets the app read.', requiresAdminConsent: true };
  const declared = permissionsFromDocument({
    permissions: {
      'Note.Read': {
        schemes: { DelegatedPersonal: scheme },
        pathSets: [{ schemeKeys: ['DelegatedPersonal'], methods: ['GET'], paths: { '/mine': '' } }],
      },
    },
  });
  const app = express().use(declared.enforce());
  expect(openApi({ app, permissions: declared, tenant, clientId }).document.paths).toMatchObject({
    '/mine': { get: { 'x-permissions': [[{ account: 'personal', limits: ['the user has a personal account'] }]] } },
  });
});

it('has the refusals, 404 only where a record is looked for', () => {
  const { paths } = openApi(options).document as { paths: Record<string, Record<string, { responses: object }>> };
  const statuses = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {});
  expect(statuses('/health', 'get')).toEqual(['2XX']);
  expect(statuses('/notes', 'get')).toEqual(['401', '403', '503', '2XX']);
  expect(statuses('/notes/{id}', 'get')).toEqual(['401', '403', '404', '503', '2XX']);
});

it('never says that anyone may call what no one may', () => {
  const app = createApp({
    mount: (api) => {
      api.get('/undeclared', (_req, res) => void res.end());
      api.get('/old', allow(permissions.application('Note.Old')));
    },
  });
  const { document, conflicts } = openApi({ ...options, app });
  expect(Object.keys(document.paths as object)).not.toEqual(expect.arrayContaining(['/undeclared']));
  expect(Object.keys(document.paths as object)).not.toEqual(expect.arrayContaining(['/old']));
  expect(conflicts).toEqual([
    'GET /undeclared is left out: its route declares nothing that admits anyone.',
    'GET /old is left out: its route declares nothing that admits anyone.',
  ]);
});

const existing = {
  openapi: '3.1.0',
  info: { title: 'Notes', version: '2.3.4' },
  servers: [{ url: 'https://notes.example/' }],
  tags: [{ name: 'notes' }],
  paths: {
    '/notes/{noteId}': {
      parameters: [{ name: 'noteId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      get: {
        operationId: 'getNote',
        description: 'Reads a note.',
        responses: { '200': { description: 'The note.' }, '404': { description: 'No such note.' } },
      },
      delete: {
        operationId: 'deleteNote',
        security: [{ apiKey: [] }],
        responses: { '204': { description: 'Gone.' } },
      },
    },
    '/nowhere': { get: { responses: { '200': { description: 'Hm.' } } } },
  },
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Key' },
      entraAppRole: { type: 'http', scheme: 'basic' },
    },
  },
};

it('adds to a document what it lacks, keeps what it has, and tells where they disagree', async () => {
  const { document, conflicts } = openApi({ ...options, existing });
  await expectValid(document);
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: existing.info,
    servers: existing.servers,
    tags: existing.tags,
    components: { securitySchemes: existing.components.securitySchemes, schemas: { EntraProblem: { type: 'object' } } },
  });
  const { '/notes/{noteId}': note, ...others } = document.paths as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  expect(Object.keys(others)).toEqual(['/nowhere', '/health', '/notes', '/secrets/{id}', '/hidden']);
  expect(note?.parameters).toEqual(existing.paths['/notes/{noteId}'].parameters);
  expect(note?.get).toMatchObject({
    operationId: 'getNote',
    description: 'Reads a note.',
    responses: {
      '200': { description: 'The note.' },
      '404': { description: 'No such note.' },
      '403': { $ref: expect.any(String) },
    },
    security: expect.arrayContaining([asApplication('Note.Read')]),
  });
  expect(note?.get?.parameters).toBeUndefined();
  expect(note?.delete?.security).toEqual([{ apiKey: [] }]);
  expect(conflicts).toEqual([
    'DELETE /notes/{noteId}: security is another than the route declares; it was kept.',
    'GET /nowhere is in the document, and no route of the app is declared for it.',
    'components.securitySchemes.entraAppRole is another than is derived; it was kept.',
  ]);
});

it('does not change the document that it is given', () => {
  const before = structuredClone(existing);
  openApi({ ...options, existing });
  expect(existing).toEqual(before);
});

it('renews what it wrote before, and is the same when nothing changed', () => {
  const { document } = openApi(options);
  expect(openApi({ ...options, existing: document })).toEqual({ document, conflicts: [] });
  const changed = definePermissions({ 'Note.Read': { application: { displayName: 'Read', description: 'Reads.' } } });
  const app = express();
  app.get('/notes', allow(changed.application('Note.Read')));
  app.get('/notes/:id', allow(changed.application('Note.Read')));
  const renewed = openApi({ ...options, app, permissions: changed, existing: document }).document;
  expect(renewed.paths).toMatchObject({
    '/notes/{id}': {
      get: {
        security: [asApplication('Note.Read')],
        description: 'Who may call it, any one of:\n\n- application `Note.Read`',
      },
    },
  });
});

it('looks below the path of the first server', async () => {
  const app = express();
  app.get('/api/v1/notes', allow(permissions.application('Note.Read')));
  app.get('/elsewhere', allow(permissions.application('Note.Read')));
  const document = { ...existing, servers: [{ url: '/api/v1' }], paths: { '/notes': {} } };
  const merged = openApi({ ...options, app, existing: document });
  expect(merged.document.paths).toMatchObject({ '/notes': { get: { security: [asApplication('Note.Read')] } } });
  expect(merged.conflicts).toContain('GET /elsewhere is left out: it is not below /api/v1, where servers[0] is.');
});

it.each([
  ['another version', { existing: { openapi: '3.0.3' } }, 'must be OpenAPI 3.1'],
  ['something that is no document', { existing: [] }, 'must be OpenAPI 3.1'],
  ['a client id that is none', { clientId: 'notes' }, 'clientId must be the client id'],
  ['a tenant that would lead elsewhere', { tenant: '../evil' }, 'tenant must be'],
])('refuses %s', (_, wrong, message) => {
  const make = () => openApi({ ...options, ...wrong });
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(message);
});
