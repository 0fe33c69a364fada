import { redisRevocations, revocations } from 'express-app-roles/revocation';
import { createClient } from 'redis';

export function startRevocations(url: string, warn: (message: string) => void) {
  const client = createClient({ url });
  client.on('error', (error: Error) => warn(error.message));
  client.connect().catch(() => {}); // not awaited: it goes on trying, and tells 'error'
  const revoked = revocations({
    store: redisRevocations(client, { prefix: 'orders:revocations' }),
    whenUnknown: 'refuse',
  });
  const stop = () => {
    revoked.close();
    client.destroy();
  };
  return { revoked, stop };
}
