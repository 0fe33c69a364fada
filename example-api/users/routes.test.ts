import type { Express } from 'express';
import { type Credentials, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp } from '../test-app.js';
import { entra } from '../test-entra.js';
import { databases, openTestStore } from '../test-store.js';
import { userRoutes } from './routes.js';
import { people } from './sample-data.js';

describe.each(databases)('users on $name', ({ url }) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let app: Express;

  beforeAll(async () => {
    opened = await openTestStore(entra.tenant, url);
    app = createTestApp((app) => userRoutes(app, opened.store.users));
  });
  afterAll(() => opened.close());

  it('lets in exactly those whom permission-matrix.txt names', async () => {
    const matrix = await permissionMatrix(app, entra, { user: entra.user('Ada') });
    await expect(`${matrix}\n`).toMatchFileSnapshot('permission-matrix.txt');
  });

  it('GET /me is the profile of the signed-in user', async () => {
    const { objectId, mail, jobTitle } = people.grace;
    const { body } = await request(app).get('/me').set(entra.asUser('Grace', 'User.Read'));
    expect(body).toEqual({ id: objectId, displayName: 'Grace', mail, jobTitle });
    await request(app).get('/me').set(entra.asUser('Someone new', 'User.Read')).expect(404);
  });

  it('GET /users shows names with User.ReadBasic.All, and profiles only with User.Read.All', async () => {
    const keys = async (headers: Credentials) => Object.keys((await request(app).get('/users').set(headers)).body[0]);
    const profile = ['id', 'displayName', 'mail', 'jobTitle'];
    expect(await keys(entra.asUser('Ada', 'User.ReadBasic.All'))).toEqual(['id', 'displayName']);
    expect(await keys(entra.asApplication('User.ReadBasic.All'))).toEqual(['id', 'displayName']);
    expect(await keys(entra.asUser('Ada', 'User.Read.All'))).toEqual(profile);
    expect(await keys(entra.asApplication('User.Read.All'))).toEqual(profile);
    expect(await keys(entra.asApplication(['User.ReadBasic.All', 'User.Read.All']))).toEqual(profile);
  });
});
