import express from 'express';
import { allow, authenticate, problemDetails, publicRoute, type TestAuthority } from 'express-app-roles';
import { checkKey, createOrder, exportOrders, health, readOrder } from './handlers.js';
import { application, clientId, delegated, order, permissions, tenant } from './permissions.js';

export function createApp(testAuthority?: TestAuthority) {
  const guard = authenticate({
    ...{ tenant, clientId, permissions, ...(testAuthority && { testAuthority }) },
    undeclared: 'report',
  });
  const app = express();
  app.use(express.json());
  app.use(guard);
  app.get('/health', publicRoute(), health);
  app.get('/orders/:id', allow(delegated('Order.Read').owned(order), application('Order.Read')), readOrder);
  app.post('/orders', checkKey, allow(delegated('Order.Create').creates(order)), createOrder);
  app.get('/export', exportOrders); // not yet
  app.use(problemDetails());
  return { app, guard };
}
