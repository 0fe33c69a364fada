import { isRestoration, type RevocationRecord } from './revocation.js';
import type { RevocationStore, RevocationWatcher } from './revocation-store.js';
import { unixSeconds } from './unix-seconds.js';

/**
 * A store in memory, for tests, and for an API that runs as one process and can do without its list when that ends.
 *
 * State: the records that have not expired, and who watches.
 */
export function memoryRevocations(): RevocationStore {
  const records = new Map<string, RevocationRecord>();
  const watchers = new Set<RevocationWatcher>();

  function keep(record: RevocationRecord): void {
    if (isRestoration(record) || !records.has(record.id)) records.set(record.id, record);
  }

  return Object.freeze<RevocationStore>({
    async write(record) {
      keep(record);
      for (const { written } of watchers) written(record);
    },
    async writeBack(lost) {
      for (const record of lost) keep(record);
    },
    async read(limit) {
      const now = unixSeconds();
      for (const { id, expiresAt } of records.values()) if (expiresAt <= now) records.delete(id);
      if (records.size > limit) throw new Error(`The store holds more than ${limit} records.`);
      return new Map(records);
    },
    watch(watcher) {
      watchers.add(watcher);
      return { isLive: true, close: () => void watchers.delete(watcher) };
    },
  });
}
