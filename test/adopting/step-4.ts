import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  problemDetails,
  publicRoute,
  type TestAuthority,
} from 'express-app-roles';
import { exportOrders, health, type Order, orders } from './handlers.js';
import { application, clientId, delegated, order, permissions, tenant } from './permissions.js';

export function createApp(testAuthority?: TestAuthority) {
  const guard = authenticate({ tenant, clientId, permissions, ...(testAuthority && { testAuthority }) });
  const app = express();
  app.use(express.json());
  app.use(guard);
  app.get('/health', publicRoute(), health);
  app.get('/orders/:id', allow(delegated('Order.Read').owned(order), application('Order.Read')), (req, res) => {
    res.json(order.of(req)); // loaded for the decision, and found to be the caller's
  });
  app.post('/orders', allow(delegated('Order.Create').creates(order)), (req, res) => {
    const created: Order = { id: crypto.randomUUID(), ownerId: callerOf(req).principal.objectId };
    orders.set(created.id, created);
    res.status(201).json(created);
  });
  app.get('/export', allow(application('Order.Read')), exportOrders);
  assertDeclared(app);
  app.use(problemDetails());
  return { app, guard };
}
