import express from 'express';
import {
  allow,
  assertDeclared,
  authenticate,
  callerOf,
  definePermissions,
  type Principal,
  problemDetails,
  publicRoute,
  record,
  type TestAuthority,
} from 'express-app-roles';

const text = (displayName: string) => ({ displayName, description: `${displayName}.` });
export const permissions = definePermissions({
  'Order.Read': { delegated: { consent: 'admin', ...text('Read own orders') }, application: text('Read all orders') },
  'Order.ReadWrite.OwnedBy': { application: text('Manage orders that it created') },
  'Order.Approve': { delegated: { consent: 'admin', ...text('Approve orders') } },
  'Order.Approver': { userRole: text('Approver') },
});
const { delegated, application } = permissions;

export interface Order {
  readonly id: string;
  readonly owner: Principal;
}

export function createApp(entra: { tenant: string; clientId: string; testAuthority?: TestAuthority }) {
  const orders = new Map<string, Order>();
  const order = record<Order>({
    name: 'order',
    find: (id) => orders.get(id),
    owners: ({ owner }) => [owner],
    notOwner: 'forbidden',
  });
  const create = (owner: Principal): Order => {
    const created = { id: crypto.randomUUID(), owner };
    orders.set(created.id, created);
    return created;
  };

  const app = express();
  app.use(express.json());
  app.use(authenticate({ ...entra, permissions }));
  app.get('/health', publicRoute(), (_req, res) => {
    res.json({ status: 'ok' });
  });
  app.get(
    '/orders',
    allow(application('Order.ReadWrite.OwnedBy').ownedOnly(order), application('Order.Read')),
    (req, res) => {
      const reach = order.reach(req);
      const isReached = ({ owner }: Order) =>
        reach.kind === 'all' || owner.objectId === callerOf(req).principal.objectId;
      res.json([...orders.values()].filter(isReached));
    },
  );
  app.post('/orders', allow(application('Order.ReadWrite.OwnedBy').creates(order)), (req, res) => {
    res.status(201).json(create(callerOf(req).principal));
  });
  app.get(
    '/orders/:id',
    allow(
      delegated('Order.Read').owned(order),
      application('Order.ReadWrite.OwnedBy').owned(order),
      application('Order.Read'),
    ),
    (req, res) => {
      res.json(order.of(req));
    },
  );
  app.post(
    '/orders/:id/approval',
    allow(delegated('Order.Approve').withUserRole('Order.Approver').onAnyRecord()),
    async (req, res) => {
      const { id } = await order.load(req);
      const { comment } = req.body ?? {};
      res.status(comment === undefined ? 422 : 200).json({ id, comment });
    },
  );
  assertDeclared(app);
  app.use(problemDetails());
  return Object.assign(app, { createOrder: (owner: Principal) => create(owner).id });
}
