import type { Request, Response } from 'express';
import { callerOf, decisionOf, describeGrant } from 'express-app-roles';
import { Allow, Controller, Delete, Get, Patch, Post, Public, Put } from 'express-app-roles/decorators';
import { application, delegated, type Notes, note } from './permissions.js';

/** Compiled in four ways by compilers.test.ts, and checked as standard and as legacy TypeScript. */
@Controller('/notes')
@Allow(application('Note.Read'))
export class NoteController {
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
    const id = `note ${this.#notes.size}`;
    this.#notes.set(id, { id, owner: callerOf(req).principal });
    res.status(201).json({ id });
  }

  @Get('/health')
  @Public()
  async health(_req: Request, res: Response) {
    res.json({ notes: this.#notes.size });
  }

  @Get('/:id')
  @Allow(application('Note.OwnedBy').owned(note), delegated('Note.Read').onAnyRecord())
  async read(req: Request<{ id: string }>, res: Response) {
    res.json({ id: req.params.id, grant: describeGrant(decisionOf(req).grant) });
  }

  @Put('/:id')
  @Patch('/:id')
  @Allow(delegated('Note.Write').withUserRole('Editor').onAnyRecord())
  write(req: Request<{ id: string }>, res: Response) {
    res.json({ wrote: req.method });
  }

  @Delete('/:id')
  async remove(): Promise<never> {
    throw new Error('It is stuck.');
  }
}
