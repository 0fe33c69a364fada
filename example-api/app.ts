import express, { type Express } from 'express';
import { assertDeclared, authenticate, problemDetails, publicRoute, type TestAuthority } from 'express-app-roles';
import { controllers } from 'express-app-roles/decorators';
import { mailboxRecord } from './mailbox.js';
import { mailboxRoutes } from './mailboxes.js';
import { permissions } from './permissions.js';
import { answerProblems } from './problem.js';
import type { Store } from './store.js';
import { Teams } from './teams.js';
import { userRoutes } from './users.js';

export interface MailroomOptions {
  readonly store: Store;
  readonly tenantId: string;
  readonly clientId: string;
  /** A local Entra, for development and tests. */
  readonly testAuthority?: string | TestAuthority;
}

/** The Mailroom API. It does not listen: `server.ts` and `start.ts` do, and a test need not. */
export function createApp({ store, tenantId, clientId, testAuthority }: MailroomOptions): Express {
  const mailbox = mailboxRecord(store);

  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.use(authenticate({ tenant: tenantId, clientId, permissions, ...(testAuthority && { testAuthority }) }));

  app.get('/health', publicRoute(), (_req, res) => {
    res.json({ status: 'ok' });
  });
  userRoutes(app, store, mailbox);
  mailboxRoutes(app, store, mailbox);
  controllers(app, new Teams(store));

  assertDeclared(app);
  app.use(problemDetails());
  app.use(answerProblems);
  return app;
}
