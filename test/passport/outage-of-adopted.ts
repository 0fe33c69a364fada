import http, { createServer } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import passport from 'passport';
import azureAd from 'passport-azure-ad';
import { definePermissions } from '../../src/index.js';
import { adopt } from '../../src/passport/index.js';

/** A process with an adopted strategy, whose authority answers with a page. It ends with 3 where the request was left without an answer. */
const tenant = 'c0170500-0000-4000-8000-0000000000ff';
const documents = createServer((req, res) => {
  const keys = `https://login.microsoftonline.com/${tenant}/keys`;
  res.end(req.url?.includes('/keys') ? '<html>' : JSON.stringify({ issuer: 'any', jwks_uri: keys }));
}).listen(0, '127.0.0.1');
const listening = (server: { address(): unknown }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const reach = (url: string) => url.replace('https://login.microsoftonline.com', listening(documents));
https.get = ((url: string, _: object, done: () => void) => http.get(reach(url), done)) as typeof https.get;
https.request = ((url: string, _: object, done: () => void) => http.request(reach(url), done)) as typeof https.request;

const identityMetadata = `https://login.microsoftonline.com/${tenant}/v2.0/.well-known/openid-configuration`;
const strategy = new azureAd.BearerStrategy(
  { identityMetadata, clientID: 'a0000000-0000-4000-8000-0000000000a1', loggingLevel: 'error' },
  (_token, done) => done(null, {}),
);
const adopted = adopt(strategy, {
  permissions: definePermissions({ Reader: { userRole: { displayName: 'Reader', description: 'Reads.' } } }),
});
const api = express()
  .use(new passport.Passport().use(adopted as passport.Strategy).authenticate('oauth-bearer', { session: false }))
  .listen(0, '127.0.0.1');

if (process.argv[2] === 'keep-alive') process.on('uncaughtException', () => {});
setTimeout(() => process.exit(3), 1_500);
api.once('listening', () => void fetch(listening(api)).catch(() => {}));
