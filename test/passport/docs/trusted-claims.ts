import express, { type Request, type RequestHandler } from 'express';
import { allow, problemDetails } from 'express-app-roles';
import { trustClaims } from 'express-app-roles/passport';
import { application, delegated, permissions } from './permissions.js';

interface Verified extends Request {
  auth?: { payload: object };
}

/** @param checkJwt what verifies today: `auth({ … })` of express-oauth2-jwt-bearer. Of express-jwt, `req.auth` is the payload itself. */
export function createApp(checkJwt: RequestHandler, tenant: string, clientId: string) {
  const app = express();
  app.use(checkJwt);
  app.use(trustClaims({ tenant, clientId, permissions, claims: (req: Verified) => req.auth?.payload }));
  app.get('/orders', allow(delegated('Order.Read'), application('Order.Read')), (_req, res) => void res.json([]));
  app.use(problemDetails());
  return app;
}
