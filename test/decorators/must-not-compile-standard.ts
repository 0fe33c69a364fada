import { Allow, Get, Public } from 'express-app-roles/decorators';
import { application } from './permissions.js';

// Never run. What the types of standard decorators can tell, and those of legacy ones cannot: there it is an error at start.

export class Notes {
  // @ts-expect-error not a method of the class's objects
  @Get()
  static list() {}

  // @ts-expect-error not to be reached
  @Get()
  #read() {}

  // @ts-expect-error not a method of the class's objects
  @Allow(application('Note.Read'))
  static allowed() {}

  // @ts-expect-error not to be reached
  @Public()
  #open() {}

  use() {
    return [this.#read, this.#open];
  }
}
