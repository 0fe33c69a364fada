import type { Express } from 'express';
import { controllers } from 'express-app-roles/decorators';
import { permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp } from '../test-app.js';
import { entra } from '../test-entra.js';
import { databases, openTestStore } from '../test-store.js';
import { teams } from './sample-data.js';
import { Teams } from './teams.js';

const asBackup = entra.asApplication('ChannelMessage.Read.All');
const engines = teams[0]?.id ?? '';

describe.each(databases)('teams on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let app: Express;

  beforeAll(async () => {
    opened = await openTestStore(entra.tenant, url);
    app = createTestApp((app) => controllers(app, new Teams(opened.store.teams)));
  });
  afterAll(() => opened.close());

  it('lets in exactly those whom permission-matrix.txt names', async () => {
    const matrix = await permissionMatrix(app, entra, {
      examples: { 'GET /teams/:id/messages': { params: { id: engines } } },
    });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  it('GET /teams/{id}/messages has the messages of its channels', async () => {
    const { body } = await request(app).get(`/teams/${engines}/messages`).set(asBackup).expect(200);
    expect(body.map(({ channel }: { channel: string }) => channel)).toEqual(['General', 'Plans']);
  });

  it.each(['42', '7e570000-0000-4000-8000-00000000dead', "'; drop table teams; --"])('a team %s is 404', async (id) => {
    await request(app)
      .get(`/teams/${encodeURIComponent(id)}/messages`)
      .set(asBackup)
      .expect(404);
  });
});
