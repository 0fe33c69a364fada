import type { Authenticate } from 'express-app-roles';
import { observe } from 'express-app-roles/telemetry';

/** Once, at start: after the SDK was registered, and before the server listens. */
export async function startObserving(auth: Authenticate): Promise<() => void> {
  return observe({ health: auth.health });
}
