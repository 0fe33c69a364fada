import { personalAccountsTenant } from '../../token/index.js';

export interface Tenant {
  readonly tenantId: string;
  readonly displayName: string;
  /** What its user principal names end with. */
  readonly domain: string;
}

/** The tenant of everyone with a personal Microsoft account. It is part of every directory, under its real id, and grants no app role. */
export const personalAccounts: Tenant = {
  tenantId: personalAccountsTenant,
  displayName: 'Personal accounts',
  domain: 'outlook.test',
};
