import express from 'express';
import { authenticate, type TestAuthority } from 'express-app-roles';
import { checkKey, createOrder, exportOrders, health, readOrder } from './handlers.js';
import { clientId, permissions, tenant } from './permissions.js';

// until: the last day of the trial, in UTC, such as '2027-01-31'
export function createApp(until: string, testAuthority?: TestAuthority) {
  const guard = authenticate({
    ...{ tenant, clientId, permissions, ...(testAuthority && { testAuthority }) },
    reportOnly: { until },
    undeclared: 'report',
  });
  const app = express();
  app.use(express.json());
  app.use(guard);
  app.get('/health', health);
  app.get('/orders/:id', readOrder);
  app.post('/orders', checkKey, createOrder);
  app.get('/export', exportOrders);
  return { app, guard };
}
