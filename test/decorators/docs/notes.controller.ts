import type { Request, Response } from 'express';
import { callerOf } from 'express-app-roles';
import { Allow, Controller, Get, Post, Public } from 'express-app-roles/decorators';
import { application, delegated, type Notes, note } from '../permissions.js';

@Controller('/notes')
@Allow(application('Note.Read')) // for the methods of this class that do not say it themselves
export class NotesController {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  @Get()
  list(_req: Request, res: Response) {
    res.json([...this.#notes.keys()]);
  }

  @Post()
  @Allow(application('Note.OwnedBy').creates(note))
  async create(req: Request, res: Response) {
    const id = crypto.randomUUID();
    this.#notes.set(id, { id, owner: callerOf(req).principal });
    res.status(201).json({ id });
  }

  @Get('/count')
  @Public()
  count(_req: Request, res: Response) {
    res.json(this.#notes.size);
  }

  @Get('/:id')
  @Allow(delegated('Note.Read').owned(note), application('Note.OwnedBy').owned(note))
  read(req: Request<{ id: string }>, res: Response) {
    res.json(note.of(req));
  }
}
