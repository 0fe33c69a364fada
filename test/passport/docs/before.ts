import express from 'express';
import passport from 'passport';
import { BearerStrategy, type IBearerStrategyOption } from 'passport-azure-ad';

export function createApp(options: IBearerStrategyOption) {
  passport.use(new BearerStrategy(options, (token, done) => done(null, {}, token)));
  const app = express();
  app.use(express.urlencoded({ extended: false }), passport.initialize());
  const authenticated = passport.authenticate('oauth-bearer', { session: false });
  app.post('/orders/search', authenticated, (_req, res) => void res.json([]));
  app.get('/forgotten', authenticated, (_req, res) => void res.json([]));
  return app;
}
