import http from 'node:http';
import https from 'node:https';
import passport from 'passport';
import azureAd from 'passport-azure-ad';
import { toLoopback } from '../entra/entra.js';

/** It fetches over https alone and has no hook, so what it asks of https goes to loopback. It checks the scope by itself. */
export async function create({ origin, metadata, issuer, clientId, scope }) {
  https.get = (url, _options, done) => http.get(toLoopback(origin, url), done);
  https.request = (url, _options, done) => http.request(toLoopback(origin, url), done);
  const strategy = new azureAd.BearerStrategy(
    {
      identityMetadata: metadata,
      clientID: clientId,
      issuer,
      validateIssuer: true,
      loggingLevel: 'error',
      scope: [scope],
    },
    (token, done) => done(null, token, token),
  );
  const instance = new passport.Passport();
  instance.use(strategy);
  return { middlewares: [instance.authenticate('oauth-bearer', { session: false }), (_req, _res, next) => next()] };
}
