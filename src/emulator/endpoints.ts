import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { AadstsError, aadstsBody, malformedRequest } from './aadsts.js';
import { cors } from './cors.js';
import { authorize } from './endpoints/authorize.js';
import { deviceCode } from './endpoints/device-code.js';
import { deviceLogin } from './endpoints/device-login.js';
import { discovery } from './endpoints/discovery.js';
import { managedIdentity } from './endpoints/managed-identity.js';
import { token } from './endpoints/token.js';
import { withFaults } from './faults/with-faults.js';
import { graph } from './graph/graph.js';
import type { LocalEntra } from './local-entra.js';

/** Adds what one flow or one part of Entra answers to. */
export type Endpoint = (app: Express, entra: LocalEntra) => void;

const all: readonly Endpoint[] = [discovery, token, authorize, deviceCode, deviceLogin, managedIdentity, graph];

/** The HTTP face of a local Entra. It sends no CORS headers but to the origins it was told of. */
export function endpoints(entra: LocalEntra, pageOrigins: readonly string[] = []): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(onlyByLoopbackName(entra.origin));
  app.use(logged(entra));
  app.use(cors(pageOrigins));
  app.use(withFaults(entra.faults));
  for (const add of all) {
    add(app, entra);
  }
  app.use(answerErrors(entra));
  return app;
}

/** A web page that points its own host name at 127.0.0.1 (DNS rebinding) arrives with that name in `Host`. */
function onlyByLoopbackName(origin: string): RequestHandler {
  const { port } = new URL(origin);
  return (req, res, next) => {
    if (req.headers.host === `127.0.0.1:${port}` || req.headers.host === `localhost:${port}`) {
      next();
      return;
    }
    res.status(403).json({ error: 'forbidden_host', error_description: `This local Entra answers at ${origin} only.` });
  };
}

function logged({ log }: LocalEntra): RequestHandler {
  return (req, res, next) => {
    const { method, path } = req;
    res.once('close', () => {
      log.add({ event: 'asked', method, path, status: res.writableFinished ? res.statusCode : 'dropped' });
    });
    next();
  };
}

/** Microsoft's clients replay a 5xx for a minute without asking again: whatever goes wrong here is a 400. */
function answerErrors({ log }: LocalEntra): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const refusal = error instanceof AadstsError ? error : malformedRequest();
    log.add({ event: 'refused', method: req.method, path: req.path, code: refusal.code, error: refusal.error });
    const correlationId = req.query['client-request-id'];
    const echoed = typeof correlationId === 'string' && /^[\w-]{1,64}$/.test(correlationId) ? correlationId : undefined;
    res.status(refusal.status).set('Cache-Control', 'no-store').json(aadstsBody(refusal, echoed));
  };
}
