import type { Express } from 'express';
import { allow, callerOf, decisionOf } from 'express-app-roles';
import { application, delegated } from '../permissions.js';
import { handler, notFound } from '../problem.js';
import type { UserStore } from './store.js';

export function userRoutes(app: Express, store: UserStore): void {
  app.get(
    '/me',
    allow(delegated('User.Read')),
    handler(async (req, res) => {
      const profile = await store.profile(callerOf(req, 'delegated').principal.objectId);
      if (!profile) {
        throw notFound('user');
      }
      res.json(profile);
    }),
  );

  app.get(
    '/users',
    allow(
      delegated('User.ReadBasic.All').onAnyRecord(),
      delegated('User.Read.All').onAnyRecord(),
      application('User.ReadBasic.All'),
      application('User.Read.All'),
    ),
    handler(async (req, res) => {
      const profiles = decisionOf(req).permissions.includes('User.Read.All');
      res.json(await (profiles ? store.profiles() : store.names()));
    }),
  );
}
