import express, { type Express } from 'express';
import {
  type Authenticate,
  assertDeclared,
  authenticate,
  problemDetails,
  publicRoute,
  type TestAuthority,
} from 'express-app-roles';
import { type LocalCaller, permissionReference } from 'express-app-roles/reference';
import type { Revocations } from 'express-app-roles/revocation';
import { type Logger, pino } from 'pino';
import { answerFailures } from './failure.js';
import { logRequests } from './log-requests.js';
import { operatingRoutes } from './operating-routes.js';
import { permissions } from './permissions.js';
import { answerProblems } from './problem.js';
import { recordRoutes, type Store } from './records.js';

export interface MailroomOptions {
  readonly store: Store;
  readonly tenantId: string;
  readonly clientId: string;
  /** A local Entra, for development and tests. */
  readonly testAuthority?: string | TestAuthority;
  /** Callers of the local Entra, to try requests as on the page of permissions. */
  readonly callers?: readonly LocalCaller[];
  /** Who is shut out. Left out: nobody can be. */
  readonly revocations?: Revocations | undefined;
  /** Silent by default. */
  readonly log?: Logger;
}

export interface Mailroom {
  readonly app: Express;
  /** What an operator needs of the keys. */
  readonly auth: Authenticate;
}

/** The Mailroom API. It does not listen: `server.ts` and `start.ts` do, and a test need not. */
export function createApp(options: MailroomOptions): Express {
  return createMailroom(options).app;
}

export function createMailroom({
  store,
  tenantId,
  clientId,
  testAuthority,
  callers = [],
  revocations,
  log = pino({ level: 'silent' }),
}: MailroomOptions): Mailroom {
  const auth = authenticate({
    tenant: tenantId,
    clientId,
    permissions,
    ...(testAuthority && { testAuthority }),
    ...(revocations && { deny: revocations.deny }),
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(logRequests(log));
  app.use(express.json());
  app.use(auth);

  operatingRoutes(app, { store, auth, revocations });
  recordRoutes(app, store);
  const localEntra = testAuthority ? { testAuthority, callers } : undefined;
  app.use('/permissions', publicRoute(), permissionReference({ app, permissions, title: 'Mailroom API', localEntra }));

  assertDeclared(app);
  app.use(problemDetails());
  app.use(answerProblems);
  app.use(answerFailures(log));
  return { app, auth };
}
