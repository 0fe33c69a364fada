import type { Caller } from '../caller/index.js';
import { isRestoration, type Restoration, type Revocation, type RevocationRecord } from './revocation.js';
import { RevokedKeys } from './revoked-keys.js';

/**
 * The list in memory. Records of one id only ever go one way, from nothing to revoked to restored, until they expire: so they can
 * come twice and in any order, and lists that have seen the same records are the same.
 *
 * State: the records that have not expired, and for each kind of subject an index, which a check asks without making anything new.
 */
export class RevocationList {
  private readonly revocations = new Map<string, Revocation>();
  private readonly restorations = new Map<string, Restoration>();
  private readonly clients = new RevokedKeys();
  private readonly tenants = new RevokedKeys();
  private readonly tokens = new RevokedKeys();
  private readonly blueprints = new RevokedKeys();
  /** By tenant, then by object id. */
  private readonly principals = new Map<string, RevokedKeys>();

  isRevoked({ clientId, tenantId, principal, tokenId, agent, issuedAt }: Caller): boolean {
    const blueprintId = agent?.blueprintId;
    return (
      this.clients.isRevoked(clientId, issuedAt) ||
      this.tenants.isRevoked(tenantId, issuedAt) ||
      this.principals.get(principal.tenantId)?.isRevoked(principal.objectId, issuedAt) === true ||
      (tokenId !== undefined && this.tokens.isRevoked(tokenId, issuedAt)) ||
      (blueprintId !== undefined && this.blueprints.isRevoked(blueprintId, issuedAt))
    );
  }

  /** Revocations and restorations: what a store has to keep. */
  get size(): number {
    return this.revocations.size + this.restorations.size;
  }

  /** Revocations in force. */
  get count(): number {
    return this.revocations.size;
  }

  /** Of those, what callers of a tenant have written. */
  sizeOf(tenantId: string): number {
    let count = 0;
    for (const records of [this.revocations, this.restorations])
      for (const { by } of records.values()) if (by?.tenantId === tenantId) count++;
    return count;
  }

  get(id: string): Revocation | undefined {
    return this.revocations.get(id);
  }

  /** The oldest first. */
  list(): readonly Revocation[] {
    return [...this.revocations.values()].sort((one, other) => one.createdAt - other.createdAt);
  }

  /** Takes a record in, unless it has expired or is known. */
  add(record: RevocationRecord, now: number): void {
    if (record.expiresAt <= now || this.restorations.has(record.id)) return;
    if (isRestoration(record)) {
      this.forget(record.id);
      this.restorations.set(record.id, record);
    } else if (!this.revocations.has(record.id)) {
      this.revocations.set(record.id, record);
      const [keys, key] = this.placeOf(record);
      keys.add(key, record);
    }
  }

  removeExpired(now: number): void {
    for (const { id, expiresAt } of this.revocations.values()) if (expiresAt <= now) this.forget(id);
    for (const { id, expiresAt } of this.restorations.values()) if (expiresAt <= now) this.restorations.delete(id);
  }

  /** What a store lacks that holds these records. */
  missingFrom(stored: ReadonlyMap<string, RevocationRecord | undefined>): readonly RevocationRecord[] {
    const isStored = ({ id }: RevocationRecord) => stored.has(id);
    const isRestored = ({ id }: RevocationRecord) => {
      const record = stored.get(id);
      return record !== undefined && isRestoration(record);
    };
    return [
      ...[...this.revocations.values()].filter((each) => !isStored(each)),
      ...[...this.restorations.values()].filter((each) => !isRestored(each)),
    ];
  }

  private forget(id: string): void {
    const revocation = this.revocations.get(id);
    if (revocation === undefined) return;
    this.revocations.delete(id);
    const [keys, key] = this.placeOf(revocation);
    keys.delete(key, revocation);
    const { subject } = revocation;
    if (subject.kind === 'principal' && keys.isEmpty) this.principals.delete(subject.tenantId);
  }

  private placeOf({ subject }: Revocation): [RevokedKeys, string] {
    switch (subject.kind) {
      case 'client':
        return [this.clients, subject.clientId];
      case 'tenant':
        return [this.tenants, subject.tenantId];
      case 'token':
        return [this.tokens, subject.tokenId];
      case 'agent-blueprint':
        return [this.blueprints, subject.blueprintId];
      case 'principal': {
        const ofTenant = this.principals.get(subject.tenantId) ?? new RevokedKeys();
        this.principals.set(subject.tenantId, ofTenant);
        return [ofTenant, subject.objectId];
      }
    }
  }
}
