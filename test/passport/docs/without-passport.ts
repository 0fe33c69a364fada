import express from 'express';
import { allow, authenticate, problemDetails } from 'express-app-roles';
import { application, delegated, permissions } from './permissions.js';

export function createApp(entra: { tenant: string; clientId: string; fetch?: typeof fetch }) {
  const app = express();
  app.use(authenticate({ ...entra, permissions }));
  const readers = allow(delegated('Order.Read'), application('Order.Read'));
  app.post('/orders/search', readers, (_req, res) => void res.json([]));
  app.get('/forgotten', (_req, res) => void res.json([]));
  app.use(problemDetails());
  return app;
}
