import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  problemDetails,
  record,
  type TestAuthority,
} from 'express-app-roles';
import type { Kysely } from 'kysely';
import { permissions } from './orders-app.js';
import { createStore, type Tables } from './orders-store.js';
import { withinReach } from './within-reach.js';

const { application } = permissions;

export function createApp(
  database: Kysely<Tables>,
  entra: { tenant: string; clientId: string; testAuthority?: TestAuthority },
) {
  const order = record({
    name: 'order',
    // Whether there is such an order, and whose it is, has to be known before it is decided: this reads all of them.
    find: (id) => withinReach(database, { kind: 'all' }, (transaction) => createStore(transaction).find(id)),
    owners: ({ tenant_id, owners }) => owners.map((objectId) => ({ tenantId: tenant_id, objectId })),
    notOwner: 'forbidden',
  });
  const list = [application('Order.ReadWrite.OwnedBy').ownedOnly(order), application('Order.ReadWrite.All')] as const;

  const app = express();
  app.use(express.json());
  app.use(authenticate({ ...entra, permissions }));

  app.get('/orders', allow(...list), async (req, res) => {
    const reach = order.reach(req);
    res.json(await withinReach(database, reach, (transaction) => createStore(transaction).list(reach, '')));
  });
  app.post('/orders', allow(application('Order.ReadWrite.OwnedBy').creates(order)), async (req, res) => {
    const title = String(req.body?.title ?? 'untitled');
    const created = await withinReach(database, order.reach(req), (transaction) =>
      createStore(transaction).create(title, callerOf(req).principal),
    );
    res.status(201).json(created);
  });

  // Two mistakes: it reads its reach, as it must, and then forgets the WHERE. It shows nothing of others all the same.
  app.get('/titles', allow(...list), async (req, res) => {
    const titles = await withinReach(database, order.reach(req), (transaction) =>
      transaction.selectFrom('orders').select('title').execute(),
    );
    res.json(titles);
  });

  assertDeclared(app);
  app.use(problemDetails());
  return app;
}
