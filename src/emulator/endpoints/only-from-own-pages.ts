import type { Request } from 'express';
import { malformedRequest } from '../aadsts.js';

/** Throws where the page that sends a decision is not one of ours: another site must not decide for the person. */
export function onlyFromOwnPages(req: Request): void {
  const { origin, host } = req.headers;
  if (origin !== undefined && origin !== `${req.protocol}://${host}`) {
    throw malformedRequest();
  }
}
