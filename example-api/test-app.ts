import express, { type Express } from 'express';
import { type Authenticate, assertDeclared, authenticate, problemDetails } from 'express-app-roles';
import { permissions } from './permissions.js';
import { answerProblems } from './problem.js';
import { entra } from './test-entra.js';

/** An app with some of the routes: a kind of record is tested by itself. */
export function createTestApp(mount: (app: Express, auth: Authenticate) => void): Express {
  const { tenant, clientId } = entra;
  const auth = authenticate({ tenant, clientId, permissions, testAuthority: entra });
  const app = express();
  app.use(express.json());
  app.use(auth);
  mount(app, auth);
  assertDeclared(app);
  app.use(problemDetails());
  app.use(answerProblems);
  return app;
}
