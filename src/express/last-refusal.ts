import type { IncomingMessage } from 'node:http';
import type { RefusalMessage } from './events.js';

/** Registered, so that an ESM and a CommonJS copy of the library in one process agree. */
const key = Symbol.for('express-app-roles.refusal-of-request');

interface Keeper {
  [key]?: RefusalMessage;
}

/** Keeps what was published about a request beside it, for tests that want to know why. It never reaches a response. */
export function keepRefusal(req: IncomingMessage, message: RefusalMessage): void {
  Object.defineProperty(req, key, { value: message, enumerable: false, configurable: true });
}

/** What was last published about a request on the refusal channel; nothing is kept while no one listens there. */
export function lastRefusal(req: IncomingMessage): RefusalMessage | undefined {
  return (req as Keeper)[key];
}
