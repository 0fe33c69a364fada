import { setTimeout as delay } from 'node:timers/promises';
import type { Express } from 'express';
import { type Authenticate, publicRoute } from 'express-app-roles';
import type { Revocations } from 'express-app-roles/revocation';
import { handler } from './problem.js';
import type { Store } from './records.js';

/** What an instance needs to answer requests. */
export interface Needs {
  readonly store: Pick<Store, 'ping'>;
  readonly auth: Pick<Authenticate, 'health'>;
  readonly revocations?: Pick<Revocations, 'health'> | undefined;
}

export interface Readiness {
  /** Tokens can be verified: keys are held, though perhaps of an authority that cannot be reached at the moment. */
  readonly keys: boolean;
  readonly database: boolean;
  /** Who is shut out is known, where that is asked at all. */
  readonly revocations: boolean;
}

/** What an orchestrator asks: whether the process lives, and whether it should be sent requests. */
export function probeRoutes(app: Express, needs: Needs): void {
  // Asks nothing else: a restart of this process mends no database.
  app.get('/health', publicRoute(), (_req, res) => {
    res.json({ status: 'ok' });
  });

  app.get(
    '/ready',
    publicRoute(),
    handler(async (_req, res) => {
      const state = await readiness(needs);
      res.status(isReady(state) ? 200 : 503).json({ ...state, instance: process.pid });
    }),
  );
}

export const isReady = (state: Readiness): boolean => Object.values(state).every(Boolean);

export async function readiness({ store, auth, revocations }: Needs): Promise<Readiness> {
  const answered = store.ping().then(
    () => true,
    () => false,
  );
  const database = await Promise.race([answered, delay(2_000, false, { ref: false })]);
  return { keys: auth.health().ok, database, revocations: revocations?.health().ok ?? true };
}
