import type { Request, Response } from 'express';
import { Allow, Controller, Get } from 'express-app-roles/decorators';
import { application, delegated } from '../permissions.js';
import { notFound } from '../problem.js';
import type { TeamStore } from './store.js';

/** The same as routes with `allow`, written as a class: take whichever your API has. */
@Controller('/teams')
export class Teams {
  private readonly store: TeamStore;

  constructor(store: TeamStore) {
    this.store = store;
  }

  @Get()
  @Allow(delegated('Team.ReadBasic.All'), application('Team.ReadBasic.All'))
  async list(_req: Request, res: Response) {
    res.json(await this.store.list());
  }

  @Get('/:id/messages')
  @Allow(application('ChannelMessage.Read.All'))
  async messages(req: Request<{ id: string }>, res: Response) {
    const team = await this.store.find(req.params.id);
    if (!team) {
      throw notFound('team');
    }
    res.json(await this.store.messages(team.id));
  }
}
