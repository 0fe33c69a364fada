import type { Caller, Principal } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import { Problem } from '../express/index.js';
import { longestLife, newRevocation } from './new-revocation.js';
import { readPrincipal } from './read-members.js';
import type { NewRevocation, Restoration, Revocation } from './revocation.js';
import { publishRevocationEvent, withoutPerson } from './revocation-events.js';
import type { RevocationStore } from './revocation-store.js';
import { SharedList } from './shared-list.js';
import { unixSeconds } from './unix-seconds.js';

/** Options of `revocations`. */
export interface RevocationsOptions {
  /** Where the list is stored: `redisRevocations` for several instances, `memoryRevocations` for one. */
  readonly store: RevocationStore;
  /**
   * What happens to requests while the list is unknown: it was never read completely, for the store was away when the instance
   * started, or was last read longer than `maxAge` ago. `'refuse'`: 503 with `Retry-After` for every request with a token.
   * `'admit'`: callers pass who are not on the list as far as it is known. Who is on it is refused either way.
   */
  readonly whenUnknown: 'refuse' | 'admit';
  /** Seconds for which the list serves after its last complete read: 60 to 86,400. 300 by default. It is read every 30. */
  readonly maxAge?: number;
  /** How many entries may be written, those taken back and not yet expired included: 1 to 100,000. 10,000 by default. */
  readonly maxEntries?: number;
}

/** For a readiness probe, or an alert. */
export interface RevocationHealth {
  /** Whether the list is known. Where it is not, `whenUnknown` decides. */
  readonly ok: boolean;
  /** Revocations in force, as far as they are known. */
  readonly entries: number;
  /** Seconds since the list was last read completely; undefined before the first time. */
  readonly age: number | undefined;
  /** Whether other instances' revocations arrive at once; otherwise with the next read. */
  readonly live: boolean;
  /** Why the last read failed, or was not complete; undefined where it was. */
  readonly lastError: string | undefined;
}

/** Who is shut out, for all instances that share a store. No member needs its `this`. */
export interface Revocations {
  /**
   * For `authenticate({ deny })`. Synchronous; asked for every request, so that remembered tokens are checked too.
   *
   * @throws Refusal `revocations_unavailable` (503) while the list is unknown, where `whenUnknown` is `'refuse'`
   */
  readonly deny: (caller: Caller) => boolean;
  /** Waits for the first read. Rejects where it fails; it is then tried again in the background. */
  readonly ready: () => Promise<void>;
  /** Asks nobody. */
  readonly health: () => RevocationHealth;
  /**
   * Refuses the tokens of a subject. Resolves when the revocation is stored and in force in this instance.
   *
   * @throws Error with `status` 400 where it is not well formed, 409 where the list is full
   * @throws Refusal `revocations_unavailable` (503) where the store failed or did not answer: it may have been stored
   */
  readonly revoke: (revocation: NewRevocation) => Promise<Revocation>;
  /**
   * Takes a revocation back. False where there is none of this id.
   *
   * @throws Refusal `revocations_unavailable` (503) as for `revoke`
   */
  readonly restore: (id: string, by?: Principal) => Promise<boolean>;
  /** How many entries callers of a tenant have written, those taken back and not yet expired included. */
  readonly entriesBy: (tenantId: string) => number;
  /** What is in force, the oldest first. */
  readonly list: () => readonly Revocation[];
  /** Ends timers and watching. The list grows old from then on. A client that the store was given stays open. */
  readonly close: () => void;
}

const optionNames: readonly (keyof RevocationsOptions)[] = ['store', 'whenUnknown', 'maxAge', 'maxEntries'];

/** Seconds: by then the list has been tried to be read again. */
const retryAfter = 5;

/**
 * A deny-list that several instances share: "tokens of this client, principal, tenant, agent's blueprint or id, issued before T".
 * It is the switch for a token that has been issued: to disable a role or a client in Entra ends no token, and they live an hour
 * or so, a managed identity's a day.
 *
 * Reaches the other instances at once, as a rule in milliseconds; where a message is lost, within 30 seconds. NOT checked: whether
 * the subject exists. It does not keep the subject from new tokens: take its credential, assignment or account away first. Entra
 * may date tokens back (`iat`) by minutes, so those obtained shortly afterwards can be refused, too.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime
 *
 * State: see `SharedList`; it begins to read at once.
 *
 * ```ts
 * const revoked = revocations({ store, whenUnknown: 'refuse' });
 * app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions, deny: revoked.deny }));
 * await revoked.revoke({ subject: { kind: 'client', clientId: LEAKED_CLIENT_ID }, reason: 'Its secret was in a public repository.' });
 * ```
 *
 * @throws ConfigurationError where an option is missing, unknown or out of range
 */
export function revocations(options: RevocationsOptions): Revocations {
  const { store, whenUnknown, maxAge, maxEntries } = checkOptions(options);
  const shared = new SharedList({ store, maxAge: maxAge * 1_000, maxEntries });
  const { records } = shared;
  /** Entries on their way to the store. */
  let writing = 0;

  async function write(record: Revocation | Restoration): Promise<void> {
    try {
      await shared.write(record);
    } catch {
      throw unavailable('The store did not confirm that it took the record: see lastError of health().');
    }
  }

  return Object.freeze<Revocations>({
    deny(caller) {
      if (records.isRevoked(caller)) return true;
      if (whenUnknown === 'refuse' && !shared.isKnown)
        throw unavailable('The list was never read completely, or too long ago: see lastError of health().');
      return false;
    },
    async ready() {
      await shared.read();
      if (!shared.isKnown) throw new Error(`The revocations cannot be read. ${shared.lastError ?? ''}`.trimEnd());
    },
    health: () => ({
      ok: shared.isKnown,
      entries: records.count,
      age: shared.age === undefined ? undefined : Math.round(shared.age / 1_000),
      live: shared.isLive,
      lastError: shared.lastError,
    }),
    async revoke(told) {
      const revocation = newRevocation(told, unixSeconds());
      if (records.size + writing >= maxEntries)
        throw new Problem(
          409,
          `The list is full: ${maxEntries} entries. Revoke a client or a tenant instead of many tokens.`,
        );
      writing++;
      await write(revocation).finally(() => writing--);
      const { id, subject, issuedBefore, expiresAt } = revocation;
      publishRevocationEvent({ event: 'revoked', id, subject: withoutPerson(subject), issuedBefore, expiresAt });
      return revocation;
    },
    async restore(id, by) {
      if (!shared.holds(id) && !(await shared.read()))
        throw unavailable('Whether there is such a revocation cannot be known: see lastError of health().');
      if (!shared.holds(id)) return false;
      const { expiresAt = unixSeconds() + longestLife } = records.get(id) ?? {};
      await write({ id, restoredAt: unixSeconds(), expiresAt, ...(by && { by: readPrincipal(by, 'by') }) });
      publishRevocationEvent({ event: 'restored', id });
      return true;
    },
    entriesBy: (tenantId) => records.sizeOf(tenantId),
    list: () => records.list(),
    close: () => shared.close(),
  });
}

/** With its headers: it may be given to `next` by whoever asked. */
function unavailable(detail: string): Refusal {
  const refusal = new Refusal('revocations_unavailable', { retryAfter, detail });
  refusal.headers['Retry-After'] = String(retryAfter);
  return refusal;
}

/** For those who write JavaScript: what the types say. */
function checkOptions(options: RevocationsOptions): Required<RevocationsOptions> {
  const { store, whenUnknown, maxAge = 300, maxEntries = 10_000, ...others } = options ?? {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `revocations: '${unknown}' is not an option. The options are ${optionNames.join(', ')}.`,
    );
  }
  if (typeof store?.read !== 'function') {
    throw new ConfigurationError(
      'revocations needs a store: redisRevocations(client, { prefix }) for several instances, memoryRevocations() for one.',
    );
  }
  if (whenUnknown !== 'refuse' && whenUnknown !== 'admit') {
    throw new ConfigurationError(
      "revocations needs whenUnknown: 'refuse' answers 503 while the list cannot be had, 'admit' lets in whom it would shut out.",
    );
  }
  if (!isWithin(maxAge, 60, 86_400)) {
    throw new ConfigurationError('revocations: maxAge must be a number of seconds from 60 to 86,400.');
  }
  if (!Number.isInteger(maxEntries) || !isWithin(maxEntries, 1, 100_000)) {
    throw new ConfigurationError('revocations: maxEntries must be a whole number from 1 to 100,000.');
  }
  return { store, whenUnknown, maxAge, maxEntries };
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
