import { readRecord } from './read-record.js';
import type { RevocationRecord } from './revocation.js';
import { publishRevocationEvent } from './revocation-events.js';
import { RevocationList } from './revocation-list.js';
import type { RevocationStore, RevocationWatch } from './revocation-store.js';
import { unixSeconds } from './unix-seconds.js';

/** Milliseconds between reads of the whole list, and before one is tried again that failed, or that a message made doubtful. */
const pause = { read: 30_000, retry: 5_000, doubt: 1_000 };
/** Milliseconds that a store may take to answer. */
const patience = 5_000;

export interface SharedListSettings {
  readonly store: RevocationStore;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly maxEntries: number;
}

/**
 * A list that follows its store: by what the store tells, and by reading all of it every 30 seconds and after each new connection,
 * for what is told can be lost. Reading adds to the list and takes nothing away but what has expired: a revocation that the store
 * has lost stays in force, and is written back.
 *
 * State: the list, when it was last read completely, the read under way, the timers of the next one and of the list's age, and the watch.
 */
export class SharedList {
  readonly records = new RevocationList();
  /** Ids of what is stored and could not be understood. */
  private unreadable: readonly string[] = [];
  /** Why the store was last of no use. */
  private failure: string | undefined;
  private readAt: number | undefined;
  /** Undefined until a read has ended. */
  private known: boolean | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private reading: Promise<boolean> | undefined;
  private mayHaveMissed = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private readonly watch: RevocationWatch;

  constructor(private readonly settings: SharedListSettings) {
    this.watch = settings.store.watch({
      written: (record) => this.take(record),
      missed: () => void this.read(),
    });
    void this.read();
  }

  /** Milliseconds since the last complete read began, by a clock that nobody sets; undefined before the first. */
  get age(): number | undefined {
    return this.readAt === undefined ? undefined : performance.now() - this.readAt;
  }

  /** Whether the list was read completely, not longer than `maxAge` ago. Asked for every request: a timer keeps it, not a clock. */
  get isKnown(): boolean {
    return this.known === true;
  }

  get isLive(): boolean {
    return this.watch.isLive;
  }

  get lastError(): string | undefined {
    return this.failure ?? (this.unreadable.length === 0 ? undefined : unreadableSentence(this.unreadable));
  }

  /** Whether there is something of this id that can be taken back. */
  holds(id: string): boolean {
    return this.records.get(id) !== undefined || this.unreadable.includes(id);
  }

  /** @throws Error of the store, or one that says that it did not answer: then nobody knows whether the record was stored */
  async write(record: RevocationRecord): Promise<void> {
    try {
      await soon((signal) => this.settings.store.write(record, signal));
    } catch (error) {
      this.failure = messageOf(error);
      throw error;
    }
    this.records.add(record, unixSeconds());
    if (this.unreadable.includes(record.id)) void this.read();
  }

  /**
   * Reads all of the list. While that is under way, reads it once more: it may have begun too early.
   *
   * @returns whether the store answered
   */
  read(): Promise<boolean> {
    this.mayHaveMissed = true;
    this.reading ??= this.readUntilCurrent().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.watch.close();
  }

  private take(told: unknown): void {
    const record = readRecord(told);
    // One that is not understood may be a revocation, and what is more than can be stored may be a flood: the store knows.
    if (record === undefined || this.records.size >= this.limit) this.schedule(pause.doubt);
    else this.records.add(record, unixSeconds());
  }

  private async readUntilCurrent(): Promise<boolean> {
    while (this.mayHaveMissed && !this.isClosed) {
      this.mayHaveMissed = false;
      await this.readOnce();
    }
    this.schedule(this.lastError === undefined ? pause.read : pause.retry);
    return this.failure === undefined;
  }

  private async readOnce(): Promise<void> {
    const startedAt = performance.now();
    this.records.removeExpired(unixSeconds());
    try {
      const found = await soon((signal) => this.settings.store.read(this.limit, signal));
      const missing = this.merge(found);
      if (this.unreadable.length === 0) this.serveFrom(startedAt);
      if (missing.length > 0) await soon((signal) => this.settings.store.writeBack(missing, signal));
      this.failure = undefined;
    } catch (error) {
      this.failure = messageOf(error);
    }
    if (this.known === undefined) this.setKnown(false);
  }

  /** @param startedAt when the read began, for it may be as old as that */
  private serveFrom(startedAt: number): void {
    this.readAt = startedAt;
    clearTimeout(this.expiry);
    const left = startedAt + this.settings.maxAge - performance.now();
    this.expiry = setTimeout(() => this.setKnown(false), left).unref();
    this.setKnown(true);
  }

  private setKnown(known: boolean): void {
    if (known !== this.known) publishRevocationEvent({ event: known ? 'list-known' : 'list-unknown' });
    this.known = known;
  }

  /** @returns what the store has lost */
  private merge(found: ReadonlyMap<string, unknown>): readonly RevocationRecord[] {
    const now = unixSeconds();
    const stored = new Map<string, RevocationRecord | undefined>();
    for (const [id, value] of found) {
      const record = readRecord(value);
      stored.set(id, record?.id === id ? record : undefined);
    }
    for (const record of stored.values()) if (record !== undefined) this.records.add(record, now);
    this.unreadable = [...stored].flatMap(([id, record]) => (record === undefined ? [id] : []));
    return this.records.missingFrom(stored);
  }

  /** More than may be written: several instances can write the last entry at once. What is larger is no list of ours. */
  private get limit(): number {
    return 2 * this.settings.maxEntries;
  }

  /** Unless a read is due before. Up to a tenth sooner, so that instances that started together do not read together. */
  private schedule(milliseconds: number): void {
    const wait = milliseconds * (1 - Math.random() / 10);
    if (this.isClosed || this.dueAt <= performance.now() + wait) return;
    clearTimeout(this.timer);
    this.dueAt = performance.now() + wait;
    this.timer = setTimeout(() => {
      this.dueAt = Number.POSITIVE_INFINITY;
      void this.read();
    }, wait).unref();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'The store failed.';
}

function unreadableSentence(ids: readonly string[]): string {
  const named = ids.slice(0, 3).map((id) => JSON.stringify(id.slice(0, 50)));
  const more = ids.length > named.length ? ', …' : '';
  return `${ids.length} of the stored records cannot be read: ${named.join(', ')}${more}. Remove them (restore), or update this instance.`;
}

/** @throws Error where the store takes too long */
async function soon<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The store did not answer within ${patience / 1_000} seconds.`));
      abort.abort();
    }, patience).unref();
  });
  try {
    return await Promise.race([work(abort.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
