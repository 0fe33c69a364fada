import { EventEmitter } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { callerIfAny, definePermissions, problemDetails } from 'express-app-roles';
import {
  type AdoptOptions,
  adopt,
  BearerStrategy,
  type IBearerStrategyOption,
  type VerifyBearerFunction,
} from 'express-app-roles/passport';
import passport, { type Strategy } from 'passport';
import azureAd from 'passport-azure-ad';
import request, { type Test } from 'supertest';
import { afterAll, afterEach } from 'vitest';
import { asV1, type Claims, clientId, startAuthority } from '../support/authority.js';

export { clientId };

const login = 'https://login.microsoftonline.com';
const sts = 'https://sts.windows.net';

/** The global cloud, on loopback: both libraries believe to talk to it. */
export const authority = await startAuthority(login, sts);
const reach = (url: string | URL) => String(url).replace(login, authority.address);

/** passport-azure-ad fetches over https alone and has no hook. */
const { get, request: ask } = https;
https.get = ((url: string, _options: object, done: () => void) => http.get(reach(url), done)) as typeof https.get;
https.request = ((url: string, _options: object, done: () => void) =>
  http.request(reach(url), done)) as typeof https.request;
// Its metadata request listens for nothing that a test could clean up.
EventEmitter.setMaxListeners(50);

export const fetchFromAuthority: typeof fetch = (url, init) =>
  fetch(reach(url instanceof Request ? url.url : url), init);

afterEach(() => {
  authority.intercept = undefined;
  authority.keys = [authority.key];
  authority.requests.length = 0;
});
afterAll(async () => {
  Object.assign(https, { get, request: ask });
  await authority.close();
});

let lastTenant = 0;
/** A tenant of its own for each test: what passport-azure-ad keeps, it keeps for half an hour for each address. */
export function newTenant(): string {
  lastTenant++;
  return `c0170500-0000-4000-8000-${String(lastTenant).padStart(12, '0')}`;
}

const text = { displayName: 'Do it', description: 'Lets the app do it.' };
export const permissions = definePermissions({
  'Mail.Read': { delegated: { ...text, consent: 'admin' }, application: text },
  'Mail.Write': { delegated: { ...text, consent: 'admin' }, application: text },
});
export const { delegated, application } = permissions;

/** Signed tokens of one tenant, as v2.0 writes them. */
export function tokensOf(tenant: string) {
  const own = (claims: Claims): Claims => ({ tid: tenant, iss: `${login}/${tenant}/v2.0`, ...claims });
  return {
    user: (scp: string, claims: Claims = {}) => authority.token(authority.user(scp, own(claims))),
    app: (roles: readonly string[], claims: Claims = {}) => authority.token(authority.application(roles, own(claims))),
    v1: (roles: readonly string[], claims: Claims = {}) =>
      authority.token({
        ...asV1(authority.application(roles, own({})), login),
        iss: `${sts}/${tenant}/`,
        ...claims,
      }),
    claims: (claims: Claims) => authority.token(own(claims)),
  };
}

export const metadataOf = (tenant: string, version = '/v2.0') =>
  `${login}/${tenant}${version}/.well-known/openid-configuration`;

/** Accepts, and gives the claims to nobody. */
export const accept: VerifyBearerFunction = (_token, done) => done(null, { name: 'someone' });

export type Changes = Partial<Record<keyof IBearerStrategyOption | 'passReqToCallback' | 'ignoreExpiration', unknown>>;

/** The drop-in, with options that a test changes. */
export function dropIn(tenant: string, changes: Changes = {}, verify: VerifyBearerFunction = accept): BearerStrategy {
  const options = { identityMetadata: metadataOf(tenant), clientID: clientId, fetch: fetchFromAuthority, ...changes };
  return new BearerStrategy(options as IBearerStrategyOption, verify);
}

/** passport-azure-ad's own, with options that a test changes. */
export function azure(tenant: string, changes: Changes = {}, verify: VerifyBearerFunction = accept): Strategy {
  const options = {
    identityMetadata: metadataOf(tenant),
    clientID: clientId,
    loggingLevel: 'error' as const,
    ...changes,
  } as azureAd.IBearerStrategyOption;
  return new azureAd.BearerStrategy(options, verify as azureAd.VerifyBearerFunction) as unknown as Strategy;
}

/** The same, adopted. */
export function adopted(
  tenant: string,
  options: Partial<AdoptOptions> = {},
  changes: Changes = {},
  verify: VerifyBearerFunction = accept,
): Strategy {
  return adopt(azure(tenant, changes, verify), { permissions, undeclared: 'report', ...options });
}

/** Takes `x-api-key: good`, for chains. */
export const apiKey: Strategy = {
  name: 'api-key',
  authenticate(req) {
    if (req.headers['x-api-key'] === 'good') this.success({ name: 'a partner' });
    else this.fail('ApiKey');
  },
};

/** The handler of most routes: who is calling. */
export const tellCaller: RequestHandler = (req, res) => {
  const caller = callerIfAny(req);
  res.json({ kind: caller?.kind ?? null, user: req.user ?? null });
};

export const tellError: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ name: error.name, message: error.message });
};

/** An app whose every route stands behind `passport.authenticate` of these strategies, in a `use`. */
export function appWith(strategies: readonly unknown[], routes: (app: Express) => void, how: object = {}): Express {
  const app = express();
  app.use(guardWith(strategies, how));
  routes(app);
  app.use(problemDetails(), tellError);
  return app;
}

/** `passport.authenticate`, for the strategies in turn. */
export function guardWith(strategies: readonly unknown[], how: object = {}): RequestHandler {
  const instance = new passport.Passport();
  const names = strategies.map((strategy, index) => {
    instance.use(`strategy-${index}`, strategy as Strategy);
    return `strategy-${index}`;
  });
  return instance.authenticate(names, { session: false, ...how }) as RequestHandler;
}

export function call(app: Express, token?: string, path = '/', headers: Record<string, string> = {}): Test {
  const test = request(app).get(path).set(headers);
  return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
}

/** RFC 9110 section 11.6.1, as much of it as RFC 6750 uses. */
export const wellFormedChallenge =
  /^Bearer realm="[0-9a-f-]{36}"(?:, error="[a-z_]+", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+")?$/;
