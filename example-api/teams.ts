import type { Express } from 'express';
import { allow } from 'express-app-roles';
import { application, delegated } from './permissions.js';
import { handler, notFound } from './problem.js';
import type { Store } from './store.js';

export function teamRoutes(app: Express, store: Store): void {
  app.get(
    '/teams',
    allow(delegated('Team.ReadBasic.All'), application('Team.ReadBasic.All')),
    handler(async (_req, res) => {
      res.json(await store.teams());
    }),
  );

  app.get(
    '/teams/:id/messages',
    allow(application('ChannelMessage.Read.All')),
    handler(async (req, res) => {
      const team = await store.team(String(req.params.id));
      if (!team) {
        throw notFound('team');
      }
      res.json(await store.teamMessages(team.id));
    }),
  );
}
