import { createServer, type ServerOptions } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import {
  type AuthenticateOptions,
  allow,
  authenticate,
  callerIfAny,
  callerOf,
  definePermissions,
  problemDetails,
  publicRoute,
} from 'express-app-roles';
import request, { type Response } from 'supertest';
import { clientId } from '../support/authority.js';

const permissions = definePermissions({
  'Mail.Read': {
    delegated: {
      consent: 'user',
      personal: true,
      displayName: 'Read mail',
      description: 'Lets the app read mail as the signed-in user.',
      toUser: { displayName: 'Read your mail', description: 'Lets the app read your mail.' },
    },
    application: { displayName: 'Read all mail', description: 'Lets the app read every mailbox, without a user.' },
  },
});

/**
 * An API with `/mail`, which takes `Mail.Read` of either kind and shows its caller, and the public `/who`, which shows
 * whoever came. What is not a refusal is answered 500 by a handler of its own.
 */
export function protect(options: object): Express {
  const app = express();
  app.use(authenticate({ clientId, permissions, ...options } as unknown as AuthenticateOptions));
  app.get('/mail', allow(permissions.delegated('Mail.Read'), permissions.application('Mail.Read')), (req, res) => {
    res.json({ ...callerOf(req) });
  });
  app.post('/mail', allow(permissions.delegated('Mail.Read')), (_req, res) => {
    res.json({});
  });
  app.get('/who', publicRoute(), (req, res) => {
    res.json({ ...callerIfAny(req) });
  });
  app.use(problemDetails());
  const unexpected: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(500).json({ code: `not a refusal: ${error.message}` });
  };
  app.use(unexpected);
  return app;
}

export function get(app: Express, token: string, path = '/mail'): Promise<Response> {
  return Promise.resolve(request(app).get(path).set('Authorization', `Bearer ${token}`));
}

/** `200`, or the status and the code of the refusal. */
export async function answer(app: Express, token: string): Promise<string> {
  return summary(await get(app, token));
}

export function summary({ status, body }: Response): string {
  return status === 200 ? '200' : `${status} ${body.code}`;
}

/** Sends bytes as they are, and gives what comes back until the connection closes. */
export async function sendRaw(app: Express, lines: readonly string[], options: ServerOptions = {}): Promise<string> {
  const server = createServer(options, app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await new Promise<string>((resolve, reject) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      let received = '';
      socket.setEncoding('latin1').setTimeout(5_000, () => socket.destroy(new Error('no answer')));
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('close', () => resolve(received)).on('error', reject);
      socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
