import type { RevocationRecord } from './revocation.js';

/**
 * Where the list is stored, and how instances tell each other. `memoryRevocations` and `redisRevocations` are such stores.
 *
 * What is asked of one: a record stays until it expires, and is then dropped; a revocation never replaces what is stored under its
 * id, a restoration does; the promises settle soon, or fail when the signal says that nobody waits any more.
 */
export interface RevocationStore {
  /** Stores a record, and then tells every watcher of every instance. */
  write(record: RevocationRecord, signal: AbortSignal): Promise<void>;
  /** Stores what an instance knows and the store has lost. Nobody is told: each instance does it, or reads it later. */
  writeBack(records: readonly RevocationRecord[], signal: AbortSignal): Promise<void>;
  /** All that is stored, unchecked, by id. Rejects where that is more than `limit` records, before it is loaded. */
  read(limit: number, signal: AbortSignal): Promise<ReadonlyMap<string, unknown>>;
  watch(watcher: RevocationWatcher): RevocationWatch;
}

/** What a store tells. */
export interface RevocationWatcher {
  /** A record was written, by this instance or another; unchecked. */
  readonly written: (record: unknown) => void;
  /** Something may have been written that was not told: a connection is new, or was lost in between. */
  readonly missed: () => void;
}

export interface RevocationWatch {
  /** Whether what others write is told at once, as far as this can be known. */
  readonly isLive: boolean;
  close(): void;
}
