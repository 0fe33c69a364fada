import type { Request, Response } from 'express';
import express from 'express';
import { publicRoute } from 'express-app-roles';
import { Allow, Controller, controllers, Delete, Get, Post, Public } from 'express-app-roles/decorators';
import { application, delegated, note } from './permissions.js';

// Never run. Checked twice, as standard (`npm run types`) and as legacy TypeScript (types.test.ts): each line after an expectation
// is refused, and no other.

const own = application('Note.OwnedBy');

export class Grants {
  @Get('/1')
  @Allow(own.owned(note), application('Note.Read'), delegated('Note.Read').owned(note))
  fine(_req: Request<{ id: string }>, res: Response) {
    res.end();
  }

  // @ts-expect-error no grant
  @Allow()
  none() {}

  // @ts-expect-error its rule is missing
  @Allow(own)
  unruled() {}

  // @ts-expect-error its rule is missing, beside another grant
  @Allow(application('Note.Read'), own)
  oneUnruled() {}

  // @ts-expect-error a condition is no rule
  @Allow(own.when('it', () => true))
  conditional() {}

  // @ts-expect-error misspelt
  @Allow(application('Note.Raed'))
  misspelt() {}

  // @ts-expect-error of the other kind
  @Allow(delegated('Note.OwnedBy'))
  otherKind() {}

  // @ts-expect-error a name
  @Allow('Note.Read')
  name() {}

  // @ts-expect-error a middleware
  @Allow(publicRoute())
  middleware() {}

  // @ts-expect-error it takes nothing
  @Public(application('Note.Read'))
  open() {}

  // @ts-expect-error it is called
  @Public
  uncalled() {}
}

// @ts-expect-error its rule is missing
@Allow(own)
export class Unruled {}

// @ts-expect-error not for a class
@Public()
export class Open {}

// @ts-expect-error no path
@Controller()
export class Nowhere {}

// @ts-expect-error a route is for a method
@Get('/')
export class Route {}

export class Places {
  // @ts-expect-error a property
  @Get() property = () => {};

  // @ts-expect-error an accessor
  @Post()
  get accessor() {
    return 1;
  }

  // @ts-expect-error a property
  @Allow(application('Note.Read')) allowed = () => {};

  // @ts-expect-error it is for a class
  @Controller('/')
  controller() {}

  // @ts-expect-error what Express gives is no id
  @Delete('/:id')
  @Public()
  foreign(_id: string) {}

  @Get('/any')
  @Public()
  fewer() {}

  @Allow(application('Note.Read'))
  guarded(_id: string) {}
}

export function mounting(): void {
  controllers(express.Router(), new Grants(), new Places());
  controllers(express(), new Grants());
  // @ts-expect-error nothing to mount
  controllers(express());
  // @ts-expect-error nowhere to mount it
  controllers({}, new Grants());
}
