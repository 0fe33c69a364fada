import { readFileSync } from 'node:fs';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, test } from 'vitest';
import { notes, permissions } from '../permissions.js';
import { createApp } from './app.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/decorators.md');
const ofNest = ['notes.controller', 'permission.guard', 'problem.filter', 'app.module'];

test.each(['notes.controller.ts', 'app.ts', ...ofNest.map((name) => `../legacy/docs/${name}.ts`)])(
  'the page shows exactly %s, which is compiled and run',
  (path) => {
    const shown = read(path).replace(/'(\.\.\/)+permissions\.js'/, "'./permissions.js'");
    expect(page).toContain(`\`\`\`ts\n${shown}\`\`\``);
    expect(page.match(/^```ts$/gm)).toHaveLength(6);
  },
);

test('the controller of the page does what it says', async () => {
  notes.clear();
  const entra = createTestEntra({ permissions });
  const app = createApp({ tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra });
  const asReader = entra.asApplication('Note.Read');
  const asOwner = entra.asApplication('Note.OwnedBy');
  await request(app).get('/notes').set(asOwner).expect(403);
  const { body: note } = await request(app).post('/notes').set(asOwner).expect(201);
  await request(app).get('/notes').set(asReader).expect(200, [note.id]);
  await request(app).get('/notes/count').expect(200, '1');
  await request(app).get(`/notes/${note.id}`).set(asOwner).expect(200);
  await request(app).get(`/notes/${note.id}`).set(asReader).expect(403);
  await request(app).get(`/notes/${note.id}`).set(entra.asUser('Ada', 'Note.Read')).expect(403);
});
