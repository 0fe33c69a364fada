import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { AadstsError, aadstsBody, malformedRequest, unknownTenant } from './aadsts.js';
import { applicationClaims, EXPIRES_IN } from './claims.js';
import { grantClientCredentials } from './client-credentials.js';
import type { Directory } from './directory.js';
import { discoveryDocument, isTenantIndependent, keySet, type Version } from './documents.js';
import { mint } from './mint.js';
import type { SigningKey } from './signing-key.js';

/** The HTTP face of a local Entra. It sends no CORS headers: no web page has business with it. */
export function endpoints(origin: string, directory: Directory, key: SigningKey): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(onlyByLoopbackName(origin));

  const discovery =
    (version: Version): RequestHandler =>
    (req, res) => {
      res.json(discoveryDocument(origin, knownTenant(directory, req), version));
    };
  const keys =
    (version: Version): RequestHandler =>
    (req, res) => {
      knownTenant(directory, req);
      res.json(keySet(origin, key, version));
    };
  app.get('/:tenant/.well-known/openid-configuration', discovery(1));
  app.get('/:tenant/v2.0/.well-known/openid-configuration', discovery(2));
  app.get('/:tenant/discovery/keys', keys(1));
  app.get('/:tenant/discovery/v2.0/keys', keys(2));

  app.post(
    '/:tenant/oauth2/v2.0/token',
    express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' }),
    (req, res) => {
      const { tenantId } = directory;
      if (tenantIn(req) !== tenantId) {
        throw unknownTenant(tenantIn(req), 'invalid_request');
      }
      const form = new URLSearchParams(typeof req.body === 'string' ? req.body : '');
      const { roles, ...granted } = grantClientCredentials(directory, {
        form,
        authorization: req.headers.authorization,
      });
      const claims = applicationClaims({ origin, tenantId, ...granted }, roles);
      // No `scope` here: with one, msal-node files the token under a key that it never looks up.
      res.set('Cache-Control', 'no-store').json({
        token_type: 'Bearer',
        expires_in: EXPIRES_IN,
        ext_expires_in: EXPIRES_IN,
        access_token: mint(claims, key),
      });
    },
  );

  app.use(answerErrors);
  return app;
}

/** A web page that points its own host name at 127.0.0.1 (DNS rebinding) arrives with that name in `Host`. */
function onlyByLoopbackName(origin: string): RequestHandler {
  const { host, port } = new URL(origin);
  return (req, res, next) => {
    if (req.headers.host === host || req.headers.host === `localhost:${port}`) {
      next();
      return;
    }
    res.status(403).json({ error: 'forbidden_host', error_description: `This local Entra answers at ${origin} only.` });
  };
}

/** Microsoft's clients replay a 5xx for a minute without asking again: whatever goes wrong here is a 400. */
const answerErrors: ErrorRequestHandler = (error, req, res, _next) => {
  const refusal = error instanceof AadstsError ? error : malformedRequest();
  const correlationId = req.query['client-request-id'];
  const echoed = typeof correlationId === 'string' && /^[\w-]{1,64}$/.test(correlationId) ? correlationId : undefined;
  res.status(refusal.status).set('Cache-Control', 'no-store').json(aadstsBody(refusal, echoed));
};

function knownTenant(directory: Directory, req: Request): string {
  const tenant = tenantIn(req);
  if (tenant !== directory.tenantId && !isTenantIndependent(tenant)) {
    throw unknownTenant(tenant, 'invalid_tenant');
  }
  return tenant;
}

function tenantIn(req: Request): string {
  return String(req.params.tenant).toLowerCase();
}
