import express from 'express';
import { allow, callerOf, problemDetails } from 'express-app-roles';
import { adopt } from 'express-app-roles/passport';
import passport from 'passport';
import { BearerStrategy, type IBearerStrategyOption, type VerifyCallback } from 'passport-azure-ad';
import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import { application, clientId, metadataOf, newTenant, permissions, tokensOf } from '../../passport/api.js';

afterEach(() => passport.unuse('oauth-bearer'));

it('adopt', async () => {
  const tenant = newTenant();
  const options: IBearerStrategyOption = {
    identityMetadata: metadataOf(tenant),
    clientID: clientId,
    loggingLevel: 'error',
  };
  const verify = (token: object, done: VerifyCallback) => done(null, {}, token);
  passport.use(adopt(new BearerStrategy(options, verify), { permissions }));
  const app = express();
  app.use(passport.authenticate('oauth-bearer', { session: false }));
  app.get('/mail', allow(application('Mail.Read')), (req, res) => res.json(callerOf(req).kind));
  app.use(problemDetails());
  const ask = (role: string) =>
    request(app)
      .get('/mail')
      .auth(tokensOf(tenant).app([role]), { type: 'bearer' });
  await ask('Mail.Read').expect(200, '"application"');
  expect((await ask('Mail.Write').expect(403)).body.code).toBe('missing_app_role');
});
