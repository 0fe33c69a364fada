import type { Express } from 'express';
import { authenticate, definePermissions, publicRoute } from 'express-app-roles';

const text = { displayName: 'Read all orders', description: 'Lets the app read every order.' };
const permissions = definePermissions({ 'Order.Read': { application: text } });

export async function prepare(app: Express, entra: { tenant: string; clientId: string; testAuthority?: string }) {
  const guard = authenticate({ ...entra, permissions });
  app.use(guard);
  app.get('/ready', publicRoute(), (_req, res) => {
    res.status(guard.health().ok ? 200 : 503).json(guard.health());
  });
  await guard.ready(); // before listening; it rejects in an outage, and goes on trying
}
