import { Refusal } from '../errors/index.js';
import type { Authority, TokenVersion } from './authority.js';
import { type Clock, hour, minute, second } from './clock.js';
import type { FetchBudget } from './fetch-budget.js';
import { type FetchLimits, fetchJson } from './fetch-json.js';
import { publishKeyEvent } from './key-events.js';
import { readKeySet, type SigningKey } from './signing-key.js';

/** The rhythm of refreshes. */
const every = { healthy: hour, keyMissing: 20 * minute, firstRetry: 5 * second, lastRetry: 15 * minute };
/** A key is withdrawn that was absent from so many key sets in a row, over at least so long. */
const withdrawal = { absences: 3, over: hour };
/** An unknown key id is not worth another fetch of its own for this long; this many are remembered. */
const unknown = { pause: 5 * minute, remembered: 100 };

export interface KeyStoreSettings {
  readonly authority: Authority;
  readonly version: TokenVersion;
  readonly tenant: string;
  /** Milliseconds for which keys serve after the last successful refresh. */
  readonly staleKeys: number;
  readonly clock: Clock;
  readonly budget: FetchBudget;
  readonly distrusted: ReadonlySet<string>;
  readonly limits: FetchLimits;
}

/** The state of one key set, for a health report. */
export interface KeySetHealth {
  /** The tenant whose key set it is, or `common` or `organizations`. */
  readonly tenant: string;
  readonly version: TokenVersion;
  /** Whether tokens can be verified with it now. */
  readonly ok: boolean;
  readonly keys: number;
  /** Seconds since the keys were last fetched; undefined before the first time. */
  readonly age: number | undefined;
  /** Why the last refresh failed; undefined where it did not. */
  readonly lastError: string | undefined;
  /** Seconds until the next refresh; undefined before the first request. */
  readonly nextAttempt: number | undefined;
  /** Tokens that were refused for a key that is not published. */
  readonly unknownKeys: number;
}

/** A key, and the store that says whether it may still be relied on. */
export interface KnownKey extends SigningKey {
  readonly store: KeyStore;
  /** False once the store has let go of it, or it is distrusted. */
  isHeld: boolean;
  absences: number;
  absentSince: number;
}

/**
 * The signing keys of one tenant and token version. Two clocks: while the authority answers, keys are refreshed every hour and
 * a key that it no longer publishes is withdrawn; while it does not, the known keys serve for `staleKeys`, and it is asked again
 * after pauses that double. State: the keys, the fetch in flight, the timer of the next one, and at most 100 unknown key ids.
 */
export class KeyStore {
  private keys: ReadonlyMap<string, KnownKey> = new Map();
  private keyAddress: { readonly url: URL; readonly readAt: number } | undefined;
  private fetchedAt: number | undefined;
  private failures = 0;
  private lastError: string | undefined;
  private nextAttemptAt: number | undefined;
  private cancelTimer = () => {};
  private inFlight: Promise<void> | undefined;
  private readonly lookedFor = new Map<string, number>();
  private unknownKeys = 0;

  constructor(private readonly settings: KeyStoreSettings) {}

  /**
   * The key of a `kid`. With no keys at hand, one fetch serves all who wait; for an unknown `kid` the authority is asked within
   * the budget.
   *
   * @throws Refusal (as a rejection) `unknown_key` (401), or `keys_unavailable` (503) while it cannot be known
   */
  find(kid: string): KnownKey | Promise<KnownKey> {
    const key = this.keys.get(kid);
    return key !== undefined && this.isTrusted(key) ? key : this.search(kid);
  }

  /** Whether a key that was found here may still be relied on. */
  isTrusted(key: KnownKey): boolean {
    return key.isHeld && this.isFresh();
  }

  /** One that is published later under the same `kid` is distrusted from the start. */
  distrust(kid: string): void {
    const key = this.keys.get(kid);
    if (key !== undefined) key.isHeld = false;
  }

  /** Fetches the keys now, or waits for the fetch in flight. `replace` forgets every key that is not in the answer. */
  async refresh({ replace = false }: { replace?: boolean } = {}): Promise<void> {
    while (replace && this.inFlight !== undefined) await this.inFlight;
    await this.fetchOnce({ replace });
    if (this.lastError !== undefined) throw new Error(`${this.name()}: ${this.lastError}`);
  }

  health(): KeySetHealth {
    const { clock, tenant, version } = this.settings;
    const seconds = (milliseconds: number) => Math.round(milliseconds / second);
    const usable = [...this.keys.values()].filter((key) => this.isTrusted(key)).length;
    return {
      tenant,
      version,
      ok: usable > 0,
      keys: usable,
      age: this.fetchedAt === undefined ? undefined : seconds(clock.now() - this.fetchedAt),
      lastError: this.lastError,
      nextAttempt:
        this.nextAttemptAt === undefined ? undefined : Math.max(0, seconds(this.nextAttemptAt - clock.now())),
      unknownKeys: this.unknownKeys,
    };
  }

  private async search(kid: string): Promise<KnownKey> {
    if (!this.isFresh()) {
      if (this.inFlight === undefined && this.isWaiting()) throw this.unavailable();
      await this.fetchOnce();
      if (!this.isFresh()) throw this.unavailable();
    } else {
      while (this.inFlight !== undefined && !this.keys.has(kid)) await this.inFlight;
      if (!this.keys.has(kid) && this.isWorthAsking(kid)) await this.fetchOnce({ keysOnly: true });
    }
    const key = this.keys.get(kid);
    if (key !== undefined && this.isTrusted(key)) return key;
    if (this.failures > 0 && !this.settings.distrusted.has(kid)) throw this.unavailable();
    this.unknownKeys++;
    publishKeyEvent({ event: 'unknown-key', ...this.subject() });
    throw new Refusal('unknown_key');
  }

  /** Spends the budget on a `kid` that has not been asked for lately; otherwise sees to it that a refresh comes when there is budget again. */
  private isWorthAsking(kid: string): boolean {
    const { clock, budget, distrusted } = this.settings;
    if (distrusted.has(kid) || this.failures > 0) return false;
    const askedAt = this.lookedFor.get(kid);
    const isNew = askedAt === undefined || clock.now() - askedAt >= unknown.pause;
    if (isNew && budget.take()) {
      if (this.lookedFor.size >= unknown.remembered) this.lookedFor.clear();
      this.lookedFor.set(kid, clock.now());
      return true;
    }
    const wait = isNew ? budget.untilNext() : unknown.pause - (clock.now() - askedAt);
    if (clock.now() + wait < (this.nextAttemptAt ?? Number.POSITIVE_INFINITY)) this.schedule(wait, budget);
    return false;
  }

  private isFresh(): boolean {
    const { clock, staleKeys } = this.settings;
    return this.fetchedAt !== undefined && clock.now() - this.fetchedAt <= staleKeys;
  }

  /** Whether the last fetch failed and its pause is not over. */
  private isWaiting(): boolean {
    return this.failures > 0 && this.nextAttemptAt !== undefined && this.settings.clock.now() < this.nextAttemptAt;
  }

  private unavailable(): Refusal {
    const wait = (this.nextAttemptAt ?? 0) - this.settings.clock.now();
    return new Refusal('keys_unavailable', {
      retryAfter: Math.max(1, Math.ceil(wait / second)),
      detail: this.lastError ?? 'no keys yet',
    });
  }

  private fetchOnce(options: { replace?: boolean; keysOnly?: boolean } = {}): Promise<void> {
    this.inFlight ??= this.attempt(options).finally(() => {
      this.inFlight = undefined;
    });
    return this.inFlight;
  }

  /** Never rejects: what fails leaves the keys as they are. */
  private async attempt({
    replace = false,
    keysOnly = false,
  }: {
    replace?: boolean;
    keysOnly?: boolean;
  }): Promise<void> {
    this.cancelTimer();
    try {
      this.merge(await this.download(keysOnly), replace);
      this.failures = 0;
      this.lastError = undefined;
      publishKeyEvent({ event: 'refreshed', ...this.subject() });
      this.schedule(jittered(this.rhythm()));
    } catch (error) {
      this.failures++;
      this.lastError = error instanceof Error ? error.message : 'failed';
      publishKeyEvent({ event: 'refresh-failed', reason: this.lastError, ...this.subject() });
      this.schedule(jittered(Math.min(every.lastRetry, every.firstRetry * 2 ** (this.failures - 1))));
    }
  }

  /** Milliseconds between refreshes: never so long that keys could go stale in between. */
  private rhythm(): number {
    const isOneMissing = [...this.keys.values()].some(({ absences }) => absences > 0);
    return Math.min(isOneMissing ? every.keyMissing : every.healthy, this.settings.staleKeys / 2);
  }

  /** @param budget what the refresh is charged to, so that a flood of unknown keys costs no more than the budget allows */
  private schedule(wait: number, budget?: FetchBudget): void {
    const { clock } = this.settings;
    this.cancelTimer();
    this.nextAttemptAt = clock.now() + wait;
    this.cancelTimer = clock.schedule(wait, () => {
      budget?.take();
      void this.fetchOnce();
    });
  }

  /** @param keysOnly the metadata that was read in the last hour is good enough */
  private async download(keysOnly: boolean): Promise<ReadonlyMap<string, SigningKey>> {
    const { authority, limits, clock } = this.settings;
    const now = clock.now();
    const known = keysOnly ? this.keyAddress : undefined;
    const isRecent = known !== undefined && now - known.readAt < every.healthy;
    const address = isRecent ? known : { url: await this.findKeyAddress(), readAt: now };
    const keys = readKeySet(await fetchJson(address.url, authority.fetch, limits));
    if (keys.size === 0) throw new Error('the key set has no usable key');
    this.keyAddress = address;
    return keys;
  }

  private async findKeyAddress(): Promise<URL> {
    const { authority, version, tenant, limits } = this.settings;
    const { url, issuer } = authority.metadata(version, tenant);
    const document = await fetchJson(url, authority.fetch, limits);
    if (document.issuer !== issuer) throw new Error('the metadata names another issuer');
    const { jwks_uri: given } = document;
    const address = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
    if (address?.protocol !== url.protocol || !authority.keyHosts(tenant).includes(address.host)) {
      throw new Error('the metadata names a key set on another host');
    }
    return address;
  }

  /** Keeps what is the same, takes what is new, and lets go of what has been gone for long enough. */
  private merge(published: ReadonlyMap<string, SigningKey>, replace: boolean): void {
    const now = this.settings.clock.now();
    const merged = new Map<string, KnownKey>();
    for (const [kid, key] of published) {
      const known = this.keys.get(kid);
      if (known?.fingerprint === key.fingerprint) {
        known.absences = 0;
        merged.set(kid, known);
      } else {
        if (known !== undefined) known.isHeld = false;
        const isHeld = !this.settings.distrusted.has(kid);
        merged.set(kid, { ...key, store: this, isHeld, absences: 0, absentSince: 0 });
      }
      if (known === undefined) publishKeyEvent({ event: 'key-added', kid, ...this.subject() });
    }
    for (const [kid, key] of this.keys) {
      if (merged.has(kid)) continue;
      if (key.absences === 0) key.absentSince = now;
      key.absences++;
      const isGone = replace || (key.absences >= withdrawal.absences && now - key.absentSince >= withdrawal.over);
      if (isGone) {
        key.isHeld = false;
        publishKeyEvent({ event: 'key-withdrawn', kid, ...this.subject() });
      } else merged.set(kid, key);
    }
    this.keys = merged;
    this.fetchedAt = now;
  }

  private subject() {
    return { tenant: this.settings.tenant, version: this.settings.version };
  }

  private name(): string {
    return `keys of ${this.settings.tenant}, v${this.settings.version}`;
  }
}

/** Up to a tenth sooner, so that instances that started together do not fetch together. */
function jittered(milliseconds: number): number {
  return milliseconds * (1 - Math.random() / 10);
}
