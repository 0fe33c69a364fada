import { readFileSync } from 'node:fs';
import express from 'express';
import { allow, authenticate, definePermissions, type Grant, type Middleware } from 'express-app-roles';
import { permissionsFromDocument } from 'express-app-roles/document';
import { permissionsDocument } from 'express-app-roles/reference';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp, permissions } from './api.js';
import { brokenReferences, brokenRules, type Published } from './published-rules.js';

const { document, findings } = permissionsDocument({ app: createApp(), permissions });

describe('the permissions document', () => {
  it('keeps the published rules', () => {
    expect(brokenRules(document as Published)).toEqual([]);
    expect(brokenReferences(document as Published)).toEqual([]);
  });

  it('has what people read, by scheme', () => {
    expect(document.permissions['Note.Read']?.schemes).toEqual({
      DelegatedWork: {
        adminDisplayName: 'Do it',
        adminDescription: 'Lets the app do it.',
        userDisplayName: 'Do it for you',
        userDescription: 'Lets the app do it for you.',
        requiresAdminConsent: false,
      },
      DelegatedPersonal: expect.objectContaining({ userDisplayName: 'Do it for you' }),
      Application: {
        adminDisplayName: 'Do it',
        adminDescription: 'Lets the app do it.',
        requiresAdminConsent: true,
      },
    });
  });

  it('has the paths, the least privileged permission of each, and what must be held as well', () => {
    expect(document.permissions['Note.Read']?.pathSets).toEqual([
      { schemeKeys: ['Application'], methods: ['GET'], paths: { '/notes': 'least=Application' } },
      {
        schemeKeys: ['DelegatedWork', 'DelegatedPersonal', 'Application'],
        methods: ['GET'],
        paths: { '/notes/{id}': 'least=DelegatedWork,DelegatedPersonal' },
      },
      {
        schemeKeys: ['Application'],
        methods: ['DELETE'],
        paths: { '/notes/{id}': 'AlsoRequires=Note.Write,Note.ReadWrite.OwnedBy' },
      },
    ]);
    expect(document.permissions['Note.Share']?.pathSets).toEqual([
      {
        schemeKeys: ['DelegatedWork'],
        methods: ['PATCH', 'DELETE'],
        paths: { '/notes/{id}': 'AlsoRequires=Note.Write' },
      },
    ]);
  });

  it('notes and finds what it cannot say', () => {
    expect(document.permissions['Note.Editor']).toBeUndefined();
    expect((document.permissions['Note.Selected'] as { note?: string }).note).toBe(
      'GET /notes/:id (application): only a note on which the client was granted the role read.',
    );
    expect(findings).toContain('Note.Editor is a user role: the format has no place for it.');
    expect(findings).toContain(
      'PUT /hidden: application Note.Write is limited (the condition "office hours" is met), which only its note says.',
    );
  });

  it('protects an API as its routes do, read back as one', async () => {
    const kinds = { ...texts(), delegated: { ...texts().application, consent: 'admin' } } as const;
    const declared = definePermissions({ 'A.Read': kinds, 'B.Read': kinds, 'C.Read': kinds, 'D.Read': kinds });
    const { delegated, application } = declared;
    const entra = createTestEntra({ permissions: declared });
    const { tenant, clientId } = entra;
    const end: Middleware = (_req, res) => void res.end();
    const app = express();
    app.use(authenticate({ tenant, clientId, permissions: declared, testAuthority: entra }));
    app.get('/any', allow(application('A.Read'), application('B.Read'), delegated('C.Read').onAnyRecord()), end);
    app.post(
      ['/both', '/both/:id'],
      allow(application('A.Read').and('B.Read'), delegated('A.Read').onAnyRecord()),
      end,
    );
    app.put('/each/:id', allow(application('A.Read'), application('B.Read')), allow(application('C.Read')), end);
    app.delete('/three/:id', allow(application('A.Read').and('B.Read').and('C.Read'), application('D.Read')), end);

    const read = permissionsFromDocument(permissionsDocument({ app, permissions: declared }).document);
    expect(read.findings).toEqual([]);
    const protectedApp = express();
    protectedApp.use(authenticate({ tenant, clientId, permissions: read, testAuthority: entra }));
    protectedApp.use(read.enforce());
    protectedApp.use(end);

    const names = ['A.Read', 'B.Read', 'C.Read', 'D.Read'] as const;
    const operations = [
      ['get', '/any'],
      ['post', '/both'],
      ['post', '/both/1'],
      ['put', '/each/1'],
      ['delete', '/three/1'],
    ] as const;
    const seen = new Set<number>();
    for (let set = 0; set < 16; set++) {
      const held = names.filter((_, index) => set & (1 << index));
      const callers = [entra.asApplication(held), ...(held.length > 0 ? [entra.asUser('Ada', held)] : [])];
      for (const [method, path] of operations) {
        for (const caller of callers) {
          const [one, other] = await Promise.all(
            [app, protectedApp].map((each) => request(each)[method](path).set(caller)),
          );
          expect([method, path, held, other?.status]).toEqual([method, path, held, one?.status]);
          seen.add(one?.status ?? 0);
        }
      }
    }
    expect([...seen].sort()).toEqual([200, 403]);
  });

  it('demands three permissions together in an expression', () => {
    const three = definePermissions({ 'A.Read': texts(), 'B.Read': texts(), 'C.Read': texts() });
    const of = (name: 'A.Read' | 'B.Read' | 'C.Read'): Grant => three.application(name);
    const app = express();
    app.get('/x', allow(of('A.Read')), allow(of('B.Read')), allow(of('C.Read')));
    const made = permissionsDocument({ app, permissions: three }).document;
    expect(brokenRules(made as Published)).toEqual([]);
    expect(brokenReferences(made as Published)).toEqual([]);
    expect(made.permissions['A.Read']?.pathSets).toEqual([
      {
        schemeKeys: ['Application'],
        methods: ['GET'],
        alsoRequires: 'B.Read & C.Read',
        paths: { '/x': 'least=Application' },
      },
    ]);
    expect(permissionsFromDocument(made).findings).toEqual([]);
  });

  it('finds what the published rules would not take', () => {
    const odd = definePermissions({ access: { application: { displayName: 'x'.repeat(101), description: 'x' } } });
    const app = express();
    app.get(/^\/x\d$/, allow(odd.application('access')));
    expect(permissionsDocument({ app, permissions: odd }).findings).toEqual([
      'access: the published schema wants names such as Mail.Read.',
      'access: a display name has at most 100 characters.',
      'GET /^\\/x\\d$/ is left out: its path is not known, or is no template.',
    ]);
  });
});

describe('the published rules, as they are checked here', () => {
  const real = JSON.parse(
    readFileSync(new URL('../document/graph-permissions-slice.json', import.meta.url), 'utf8'),
  ) as Published;

  it("are kept by Microsoft's own document", () => {
    expect(brokenRules(real)).toEqual([]);
  });
});

function texts() {
  return { application: { displayName: 'Do it', description: 'Lets the app do it.' } };
}
