import type { RequestHandler } from 'express';

export interface Order {
  readonly id: string;
  readonly ownerId: string; // the object id of a user
}
export const orders = new Map<string, Order>();

export const readOrder: RequestHandler<{ id: string }> = (req, res) => {
  const order = orders.get(req.params.id);
  if (order === undefined) res.status(404).json({ error: 'no such order' });
  else res.json(order);
};

export const createOrder: RequestHandler = (req, res) => {
  const order: Order = { id: crypto.randomUUID(), ownerId: req.body.ownerId };
  orders.set(order.id, order);
  res.status(201).json(order);
};

export const exportOrders: RequestHandler = (_req, res) => void res.json([...orders.values()]);

export const health: RequestHandler = (_req, res) => void res.json({ status: 'ok' });

// A check made by hand: one key for whoever calls.
export const checkKey: RequestHandler = (req, res, next) => {
  if (req.get('x-api-key') === 'the key of all jobs') next();
  else res.status(401).json({ error: 'key' });
};
