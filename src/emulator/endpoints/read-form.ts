import express, { type Request, type RequestHandler } from 'express';

/** Takes the body of a form as it came: whether a parameter is there twice is for the endpoint to say. */
export const readForm: RequestHandler = express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' });

export function formOf({ body }: Request): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '');
}

export function queryOf({ originalUrl }: Request): URLSearchParams {
  const mark = originalUrl.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : originalUrl.slice(mark + 1));
}
