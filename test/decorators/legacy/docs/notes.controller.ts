import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { callerOf } from 'express-app-roles';
import { Allow, Public } from 'express-app-roles/decorators';
import { application, delegated, note, notes } from '../../permissions.js';

@Controller('notes')
@Allow(application('Note.Read'))
export class NotesController {
  @Get()
  list() {
    return [...notes.keys()];
  }

  @Post()
  @Allow(application('Note.OwnedBy').creates(note))
  create(@Req() req: Request) {
    const id = crypto.randomUUID();
    notes.set(id, { id, owner: callerOf(req).principal });
    return { id };
  }

  @Get('count')
  @Public()
  count() {
    return { notes: notes.size };
  }

  @Get(':id')
  @Allow(delegated('Note.Read').owned(note), application('Note.OwnedBy').owned(note))
  read(@Param('id') id: string) {
    return notes.get(id);
  }
}
