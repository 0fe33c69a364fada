import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  definePermissions,
  problemDetails,
  record,
  type TestAuthority,
} from 'express-app-roles';
import type { Kysely } from 'kysely';
import { createStore, type Tables } from './orders-store.js';

const text = (displayName: string) => ({ displayName, description: `Lets the app ${displayName.toLowerCase()}.` });
export const permissions = definePermissions({
  'Order.ReadWrite': { delegated: { consent: 'admin', ...text('Manage orders of the signed-in user') } },
  'Order.ReadWrite.OwnedBy': { application: text('Manage orders it created or owns') },
  'Order.ReadWrite.All': { application: text('Manage all orders, and decide who owns them') },
});
const { delegated, application } = permissions;
const isGuid = (value: unknown) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(String(value));

export function createApp(
  database: Kysely<Tables>,
  entra: { tenant: string; clientId: string; testAuthority?: TestAuthority },
) {
  const store = createStore(database);
  const order = record({
    name: 'order',
    find: (id) => (isGuid(id) ? store.find(id) : undefined),
    owners: ({ tenant_id, owners }) => owners.map((objectId) => ({ tenantId: tenant_id, objectId })),
    notOwner: 'forbidden',
  });
  // Users and clients alike own what they made; whoever is an owner is one in every one of these.
  const item = [
    delegated('Order.ReadWrite').owned(order),
    application('Order.ReadWrite.OwnedBy').owned(order),
  ] as const;
  const list = [
    delegated('Order.ReadWrite').ownedOnly(order),
    application('Order.ReadWrite.OwnedBy').ownedOnly(order),
    application('Order.ReadWrite.All'),
  ] as const;

  const app = express();
  app.use(express.json());
  app.use(authenticate({ ...entra, permissions }));

  app.get('/orders', allow(...list), async (req, res) => {
    res.json(await store.list(order.reach(req), String(req.query.search ?? '')));
  });
  app.get('/orders/count', allow(...list), async (req, res) => {
    res.json(await store.count(order.reach(req)));
  });
  app.patch('/orders', allow(...list), async (req, res) => {
    const { ids, title } = req.body ?? {};
    if (!Array.isArray(ids) || ids.length === 0 || !ids.every(isGuid) || !title) res.status(400).end();
    else res.json(await store.rename(ids, order.reach(req), String(title)));
  });

  app.post(
    '/orders',
    allow(delegated('Order.ReadWrite').creates(order), application('Order.ReadWrite.OwnedBy').creates(order)),
    async (req, res) => {
      const { title } = req.body ?? {};
      // The owner is whoever calls, whatever the body says.
      if (!title) res.status(400).end();
      else res.status(201).json(await store.create(String(title), callerOf(req).principal));
    },
  );
  app.get('/orders/:id', allow(...item, application('Order.ReadWrite.All')), (req, res) => {
    res.json(order.of(req));
  });

  // An owner that could name further owners would hand on what it was given. A transfer is the same request.
  app.put('/orders/:id/owners', allow(application('Order.ReadWrite.All')), async (req, res) => {
    const { id } = req.params;
    const owners: unknown = req.body?.owners;
    if (!isGuid(id)) res.status(404).end();
    else if (!Array.isArray(owners) || owners.length === 0 || !owners.every(isGuid)) res.status(400).end();
    else res.status((await store.setOwners(id, order.reach(req), owners)) ? 204 : 404).end();
  });
  app.delete('/orders/:id/owners/me', allow(...item), async (req, res) => {
    const left = await store.leave(order.of(req).id, order.reach(req), callerOf(req).principal);
    res.status(left ? 204 : 409).end(); // 409: it would be an order without an owner
  });

  assertDeclared(app);
  app.use(problemDetails());
  return app;
}
