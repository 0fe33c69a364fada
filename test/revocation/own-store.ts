import type { RevocationStore, RevocationWatcher } from 'express-app-roles/revocation';

/** A store that an application might bring, and that a test can break. */
export class OwnStore implements RevocationStore {
  /** What is stored, sound or not. */
  records = new Map<string, unknown>();
  reads = 0;
  /** Does what a broken store does instead of answering. */
  broken: (() => Promise<never>) | undefined;
  /** Holds back what was read until it is resolved. */
  gate: Promise<void> | undefined;
  readonly watchers = new Set<RevocationWatcher>();

  async write(record: { readonly id: string }): Promise<void> {
    await this.broken?.();
    this.records.set(record.id, record);
    for (const { written } of this.watchers) written(record);
  }

  async writeBack(records: readonly { readonly id: string }[]): Promise<void> {
    await this.broken?.();
    for (const record of records) this.records.set(record.id, record);
  }

  async read(limit: number): Promise<ReadonlyMap<string, unknown>> {
    this.reads++;
    await this.broken?.();
    if (this.records.size > limit) throw new Error('Too many.');
    const found = new Map(this.records);
    await this.gate;
    return found;
  }

  watch(watcher: RevocationWatcher) {
    this.watchers.add(watcher);
    return { isLive: true, close: () => void this.watchers.delete(watcher) };
  }
}
