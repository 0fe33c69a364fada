import express, { type ErrorRequestHandler, type Express } from 'express';
import {
  type Authenticate,
  type AuthenticateOptions,
  allow,
  authenticate,
  callerOf,
  definePermissions,
  problemDetails,
} from 'express-app-roles';
import request, { type Response } from 'supertest';
import { type Authority, clientId, tenantId } from '../support/authority.js';

const texts = { displayName: 'Read mail', description: 'Lets the app read mail.' };
const permissions = definePermissions({ 'Mail.Read': { delegated: { ...texts, consent: 'admin' } } });

export interface Api {
  readonly app: Express;
  readonly auth: Authenticate;
  /** Callers that reached the route, as the very objects. */
  readonly callers: readonly object[];
}

/** An API with `/mail`, on real time. What is not a refusal is answered 500 by a handler of its own. */
export function apiOf(authority: Authority, options: object = {}): Api {
  const whose = 'tenants' in options ? {} : { tenant: tenantId };
  const auth = authenticate({
    ...whose,
    clientId,
    permissions,
    testAuthority: authority.address,
    ...options,
  } as unknown as AuthenticateOptions);
  const callers: object[] = [];
  const app = express();
  app.use(auth);
  app.get('/mail', allow(permissions.delegated('Mail.Read')), (req, res) => {
    callers.push(callerOf(req));
    res.json({});
  });
  app.use(problemDetails());
  const unexpected: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(500).json({ code: error.message });
  };
  app.use(unexpected);
  return { app, auth, callers };
}

export function get({ app }: Api, credential?: string): Promise<Response> {
  const asked = request(app).get('/mail');
  return Promise.resolve(credential === undefined ? asked : asked.set('Authorization', credential));
}

/** `200`, or the status and the code of the refusal. */
export async function answer(api: Api, token: string): Promise<string> {
  const { status, body } = await get(api, `Bearer ${token}`);
  return status === 200 ? '200' : `${status} ${body.code}`;
}
