import { ConfigurationError } from '../errors/index.js';
import type { Authority, TokenVersion } from './authority.js';
import { type Clock, hour, systemClock } from './clock.js';
import { FetchBudget } from './fetch-budget.js';
import { type FetchLimits, fetchLimits } from './fetch-json.js';
import { publishKeyEvent } from './key-events.js';
import { type KeySetHealth, KeyStore } from './key-store.js';

/** Whether tokens can be verified, and with how fresh keys. */
export interface KeyHealth {
  /** True while any usable key is held: an outage of the authority does not make an instance unfit before its keys are stale. */
  readonly ok: boolean;
  readonly keySets: readonly KeySetHealth[];
}

/** What may differ in tests of time. */
export interface KeyTiming {
  readonly clock: Clock;
  readonly limits: FetchLimits;
}

const defaultTiming: KeyTiming = { clock: systemClock, limits: fetchLimits };

/** The key stores of one authority. State: the stores, one for each tenant and token version in use, the budget they share, and distrusted key ids. */
export class KeyRing {
  private readonly stores = new Map<string, Partial<Record<TokenVersion, KeyStore>>>();
  private readonly distrusted = new Set<string>();
  private readonly budget: FetchBudget;

  /**
   * @param tenants whose key sets may be asked for: a fixed list, so that the number of stores is bounded
   * @param staleKeys hours for which keys serve while the authority cannot be reached
   */
  constructor(
    private readonly authority: Authority,
    private readonly tenants: readonly string[],
    private readonly staleKeys: number,
    private readonly timing = defaultTiming,
  ) {
    this.budget = new FetchBudget(timing.clock);
  }

  /** The keys of one tenant and token version. */
  store(version: TokenVersion, tenant: string): KeyStore {
    const ofTenant = this.stores.get(tenant) ?? {};
    const known = ofTenant[version];
    if (known !== undefined) return known;
    const store = new KeyStore({
      authority: this.authority,
      version,
      tenant,
      staleKeys: this.staleKeys * hour,
      distrusted: this.distrusted,
      budget: this.budget,
      ...this.timing,
    });
    ofTenant[version] = store;
    this.stores.set(tenant, ofTenant);
    return store;
  }

  /** Fetches every key set that may be needed; rejects with what could not be had, and goes on trying in the background. */
  async refresh(options: { replace?: boolean } = {}): Promise<void> {
    const versions = (['2.0', '1.0'] as const).filter((version) => this.authority.issuer(version, '') !== undefined);
    const stores = this.tenants.flatMap((tenant) => versions.map((version) => this.store(version, tenant)));
    const results = await Promise.allSettled(stores.map((store) => store.refresh(options)));
    const failed = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as Error).message] : [],
    );
    if (failed.length > 0) throw new Error(`The authority's keys cannot be had: ${failed.join('; ')}.`);
  }

  distrust(kid: string): void {
    if (typeof kid !== 'string' || kid === '') throw new ConfigurationError('distrust takes the id of a key, its kid.');
    this.distrusted.add(kid);
    for (const store of this.everyStore()) store.distrust(kid);
    publishKeyEvent({ event: 'key-distrusted', kid });
  }

  health(): KeyHealth {
    const keySets = this.everyStore().map((store) => store.health());
    return { ok: keySets.some(({ ok }) => ok), keySets };
  }

  private everyStore(): readonly KeyStore[] {
    return [...this.stores.values()].flatMap((ofTenant) => Object.values(ofTenant));
  }
}
