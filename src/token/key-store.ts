import type { KeyObject } from 'node:crypto';
import { Refusal } from '../errors/index.js';
import type { Authority, TokenVersion } from './authority.js';
import { fetchJson } from './fetch-json.js';
import { importKey } from './jws.js';

/** A key that the authority publishes. */
export interface SigningKey {
  readonly key: KeyObject;
  /** The issuer this key signs for, with `{tenantid}` for every tenant; undefined where the key set does not say. */
  readonly issuer: string | undefined;
}

/** Seconds between two fetches for the sake of an unknown key or after a failed one. */
const pause = { unknownKey: 300, failure: 5 };

/**
 * The signing keys of one tenant and token version. State: the keys last fetched, the fetch in flight, and when the next
 * one is allowed.
 */
export class KeyStore {
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private inFlight: Promise<void> | undefined;
  private nextFetch = 0;

  constructor(
    private readonly authority: Authority,
    private readonly version: TokenVersion,
    private readonly tenant: string,
  ) {}

  /**
   * The key of a `kid`. A key that is not known yet is looked for at the authority, by one fetch for all who wait.
   *
   * @throws Refusal `unknown_key` (401), or `keys_unavailable` (503) while no keys can be had
   */
  find(kid: string): SigningKey | Promise<SigningKey> {
    return this.keys.get(kid) ?? this.fetchFor(kid);
  }

  private async fetchFor(kid: string): Promise<SigningKey> {
    const now = Date.now() / 1000;
    if (this.inFlight === undefined && now >= this.nextFetch) this.inFlight = this.refresh();
    await this.inFlight;
    const key = this.keys.get(kid);
    if (key !== undefined) return key;
    if (this.keys.size > 0) throw new Refusal('unknown_key');
    throw new Refusal('keys_unavailable', { retryAfter: Math.max(1, Math.ceil(this.nextFetch - now)) });
  }

  /** Never rejects: what fails leaves the keys as they are. */
  private async refresh(): Promise<void> {
    try {
      this.keys = await this.download();
      this.nextFetch = Date.now() / 1000 + pause.unknownKey;
    } catch {
      this.nextFetch = Date.now() / 1000 + pause.failure;
    } finally {
      this.inFlight = undefined;
    }
  }

  private async download(): Promise<ReadonlyMap<string, SigningKey>> {
    const { authority, version, tenant } = this;
    const { url, issuer } = authority.metadata(version, tenant);
    const document = await fetchJson(url, authority.fetch);
    if (document.issuer !== issuer) throw new Error('the metadata names another issuer');
    const address =
      typeof document.jwks_uri === 'string' && URL.canParse(document.jwks_uri) ? new URL(document.jwks_uri) : undefined;
    if (address?.protocol !== url.protocol || !authority.keyHosts(tenant).includes(address.host)) {
      throw new Error('the metadata names a key set on another host');
    }
    const keys = readKeySet(await fetchJson(address, authority.fetch));
    if (keys.size === 0) throw new Error('the key set has no usable key');
    return keys;
  }
}

function readKeySet({ keys }: Readonly<Record<string, unknown>>): ReadonlyMap<string, SigningKey> {
  const found = new Map<string, SigningKey>();
  if (!Array.isArray(keys)) return found;
  for (const jwk of keys as readonly unknown[]) {
    if (typeof jwk !== 'object' || jwk === null) continue;
    const { kid, issuer } = jwk as Record<string, unknown>;
    const key = importKey(jwk as Record<string, unknown>);
    if (key === undefined || typeof kid !== 'string' || kid === '') continue;
    found.set(kid, { key, issuer: typeof issuer === 'string' ? issuer : undefined });
  }
  return found;
}
