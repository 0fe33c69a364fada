import express from 'express';
import { checkKey, createOrder, exportOrders, health, readOrder } from './handlers.js';

export function createApp() {
  const app = express();
  app.use(express.json());
  app.get('/health', health);
  app.get('/orders/:id', readOrder);
  app.post('/orders', checkKey, createOrder);
  app.get('/export', exportOrders);
  return app;
}
