import { readFileSync } from 'node:fs';
import express from 'express';
import { authenticate, problemDetails } from 'express-app-roles';
import { controllers } from 'express-app-roles/decorators';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { beforeEach, describe, it } from 'vitest';
import { byEsbuild, byTypeScript, run, type Semantics } from './compile.js';
import { notes, permissions } from './permissions.js';

const source = readFileSync(new URL('notes.ts', import.meta.url), 'utf8');
const entra = createTestEntra({ permissions });
const compilers = { esbuild: byEsbuild, TypeScript: byTypeScript };
const client = entra.client('script');

describe.each(
  (['esbuild', 'TypeScript'] as const).flatMap((by) =>
    (['standard', 'legacy'] as Semantics[]).map((semantics) => ({ by, semantics })),
  ),
)('$semantics decorators, compiled by $by', ({ by, semantics }) => {
  const { NoteController } = run<typeof import('./notes.js')>(compilers[by](source, semantics));
  const app = express();
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  controllers(app, new NoteController(notes));
  app.use(problemDetails());
  app.use(((error, _req, res, _next) => void res.status(500).json(error.message)) as express.ErrorRequestHandler);

  beforeEach(() => {
    notes.clear();
    notes.set('mine', { id: 'mine', owner: client.principal });
    notes.set('other', { id: 'other', owner: entra.client('another').principal });
  });
  const asReader = entra.asApplication('Note.Read');
  const asOwner = entra.asApplication('Note.OwnedBy', { client });
  const asEditor = entra.asUser('Ada', 'Note.Write', { userRoles: ['Editor'] });

  it('routes ask what the method declares, or else its class', async () => {
    const get = (path: string) => request(app).get(path);
    await get('/notes').set(asReader).expect(200, ['mine', 'other']);
    await get('/notes').set(asOwner).expect(403);
    await get('/notes').expect(401);
    await get('/notes/mine').set(asReader).expect(403);
    await get('/notes/mine').set(asOwner).expect(200, { id: 'mine', grant: 'application Note.OwnedBy, owned note' });
    await get('/notes/other').set(asOwner).expect(403);
    await get('/notes/none').set(asOwner).expect(404);
    await get('/notes/other')
      .set(entra.asUser('Ada', 'Note.Read'))
      .expect(200, { id: 'other', grant: 'delegated Note.Read, any-record' });
  });

  it('a public route is public, and its object is this', async () => {
    await request(app).get('/notes/health').expect(200, { notes: 2 });
  });

  it('an async method answers, and a method may have several routes', async () => {
    await request(app).post('/notes').set(asOwner).expect(201, { id: 'note 2' });
    await request(app).put('/notes/mine').set(asEditor).expect(200, { wrote: 'PUT' });
    await request(app).patch('/notes/mine').set(asEditor).expect(200, { wrote: 'PATCH' });
    await request(app).patch('/notes/mine').set(entra.asUser('Ada', 'Note.Write')).expect(403);
  });

  it('what an async method rejects with reaches the error handler', async () => {
    await request(app).delete('/notes/mine').set(asOwner).expect(403);
    await request(app).delete('/notes/mine').set(asReader).expect(500, '"It is stuck."');
  });
});
