import express, { type RequestHandler } from 'express';
import { authenticate, problemDetails } from 'express-app-roles';
import { admit, leftToGuard } from 'express-app-roles/decorators';
import request from 'supertest';
import { expect, it } from 'vitest';
import { NotesController } from '../../decorators/docs/notes.controller.js';
import { permissions } from '../../decorators/permissions.js';
import { CLIENT_ID, TENANT_ID } from './mailboxes.js';

const [tenant, clientId] = [TENANT_ID, CLIENT_ID];

/** What a guard of another framework does before it calls a handler. */
const guarded =
  (method: object): RequestHandler =>
  (req, res, next) =>
    void admit(req, res, method, NotesController).then(() => res.json('answered'), next);

it('leftToGuard', async () => {
  const { count, list } = NotesController.prototype;
  const app = express();
  app.use(authenticate({ tenant, clientId, permissions }), leftToGuard());
  app.get('/count', guarded(count));
  app.get('/list', guarded(list));
  app.use(problemDetails());
  await request(app).get('/count').expect(200, '"answered"');
  const { status, body } = await request(app).get('/list');
  expect([status, body.code]).toEqual([401, 'no_credential']);
});
