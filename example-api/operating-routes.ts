import type { Express } from 'express';
import { type Revocations, revocationRoutes } from 'express-app-roles/revocation';
import { application } from './permissions.js';
import { type Needs, probeRoutes } from './probes.js';

export interface OperatingRoutesOptions extends Needs {
  readonly revocations: Revocations | undefined;
}

/** For those who run this API: whether it is well, and who is shut out. */
export function operatingRoutes(app: Express, options: OperatingRoutesOptions): void {
  const { revocations } = options;
  probeRoutes(app, options);
  if (revocations) {
    const write = application('Revocation.ReadWrite.All');
    revocationRoutes(app, '/revocations', {
      revocations,
      read: [application('Revocation.Read.All'), write],
      write: [write],
    });
  }
}
