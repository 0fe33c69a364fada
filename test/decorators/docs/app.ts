import express from 'express';
import { assertDeclared, authenticate, problemDetails, type TestAuthority } from 'express-app-roles';
import { controllers } from 'express-app-roles/decorators';
import { notes, permissions } from '../permissions.js';
import { NotesController } from './notes.controller.js';

export function createApp(entra: { tenant: string; clientId: string; testAuthority?: TestAuthority }) {
  const app = express();
  app.use(authenticate({ ...entra, permissions }));
  controllers(app, new NotesController(notes)); // or a router
  assertDeclared(app);
  app.use(problemDetails());
  return app;
}
