import type { RequestHandler } from 'express';
import { ConfigurationError } from '../errors/index.js';

/**
 * Lets pages of these origins, and of no others, read answers, as a single-page application has to.
 *
 * @throws ConfigurationError where one is not an origin alone
 */
export function cors(origins: readonly string[]): RequestHandler {
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigurationError(
        `cors: ${JSON.stringify(origin)} is not an origin such as http://localhost:5173 (no path, and no *).`,
      );
    }
  }
  return (req, res, next) => {
    const { origin } = req.headers;
    if (origin === undefined || !origins.includes(origin)) {
      next();
      return;
    }
    res.set({ 'Access-Control-Allow-Origin': origin, Vary: 'Origin' });
    if (req.method !== 'OPTIONS') {
      next();
      return;
    }
    const headers = req.headers['access-control-request-headers'];
    res
      .set('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE')
      .set(headers ? { 'Access-Control-Allow-Headers': headers } : {})
      .status(204)
      .end();
  };
}
