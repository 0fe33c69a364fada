import { isTestTenant } from '../../token/index.js';
import type { Tenant } from '../directory/tenant.js';
import { wrong } from '../wrong.js';
import type { TenantDescription } from './directory-description.js';
import { each, guid, onlyKnownFields, text, unique } from './fields.js';
import { handle } from './handle.js';
import { stableGuid } from './stable-guid.js';

/** The tenant of a local Entra whose description names none. */
export const DEFAULT_TENANT_ID = '7e570000-0000-4000-8000-000000000001';

export function readTenants(descriptions: readonly TenantDescription[] = [{}]): readonly Tenant[] {
  const tenants = each('tenants', descriptions, readTenant);
  if (tenants.length === 0) {
    throw wrong('tenants', 'must hold at least one; left out, there is one');
  }
  unique('tenants', 'tenantId', tenants);
  unique('tenants', 'domain', tenants);
  return tenants;
}

function readTenant(field: string, description: TenantDescription): Tenant {
  onlyKnownFields(field, description, ['tenantId', 'displayName', 'domain']);
  const displayName = text(`${field}.displayName`, description.displayName ?? 'Entra');
  const named = description.displayName === undefined ? DEFAULT_TENANT_ID : reserved(displayName);
  const tenantId = guid(`${field}.tenantId`, description.tenantId ?? named);
  if (!isTestTenant(tenantId)) {
    throw wrong(`${field}.tenantId`, `must be of the range reserved for test tenants, like ${DEFAULT_TENANT_ID}`);
  }
  const domain = text(`${field}.domain`, description.domain ?? `${handle(displayName)}.test`);
  return { tenantId, displayName, domain: domain.toLowerCase() };
}

/** An id of the reserved range: its last group is free. */
function reserved(displayName: string): string {
  return DEFAULT_TENANT_ID.slice(0, -12) + stableGuid('tenant', displayName).slice(-12);
}
