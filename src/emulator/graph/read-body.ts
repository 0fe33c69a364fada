import type { IncomingMessage } from 'node:http';
import { isGuid } from '../../token/index.js';
import { guid } from '../description/fields.js';
import { badRequest, reading } from './graph-error.js';

/** The object that a JSON body is; an empty one where there is no body. */
export function bodyOf({ body }: { readonly body?: unknown }): Readonly<Record<string, unknown>> {
  if (body === undefined) {
    return {};
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The request body must be a JSON object.');
  }
  return { ...body };
}

/** A property of a body that has to be a GUID. */
export function guidIn(body: Readonly<Record<string, unknown>>, property: string): string {
  return reading(() => guid(property, body[property]));
}

/** A property of a body, before it is known whether the body is any good. */
export function guidIfAny(req: IncomingMessage, property: string): string | undefined {
  const { body } = req as IncomingMessage & { readonly body?: Record<string, unknown> | null };
  const value = body?.[property];
  return isGuid(value) ? value : undefined;
}
