import express from 'express';
import { allow, problemDetails } from 'express-app-roles';
import { adopt } from 'express-app-roles/passport';
import passport from 'passport';
import { BearerStrategy, type IBearerStrategyOption } from 'passport-azure-ad';
import { application, delegated, permissions } from './permissions.js';

export function createApp(options: IBearerStrategyOption, until?: string) {
  const reportOnly = until === undefined ? {} : { reportOnly: { until } };
  const strategy = new BearerStrategy(options, (token, done) => done(null, {}, token));
  passport.use(adopt(strategy, { permissions, ...reportOnly }));
  const app = express();
  app.use(express.urlencoded({ extended: false }), passport.initialize());
  const authenticated = passport.authenticate('oauth-bearer', { session: false });
  const readers = allow(delegated('Order.Read'), application('Order.Read'));
  app.post('/orders/search', authenticated, readers, (_req, res) => void res.json([]));
  app.get('/forgotten', authenticated, (_req, res) => void res.json([]));
  app.use(problemDetails());
  return app;
}
