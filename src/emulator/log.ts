/** What was asked, issued and refused. No secret, no token, no name of a person. */
export type LogEntry = {
  /** ISO 8601, by the clock of the local Entra. */
  readonly at: string;
} & (AskedEvent | IssuedEvent | RefusedEvent);

/** A request that was answered. */
export interface AskedEvent {
  readonly event: 'asked';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** `dropped`: the connection ended before the answer did. */
  readonly status: number | 'dropped';
}

/** A token that was signed. */
export interface IssuedEvent {
  readonly event: 'issued';
  readonly kind: 'application' | 'user';
  readonly tenantId: string;
  readonly clientId: string;
  /** The client id of the API. */
  readonly resourceId: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** `uti` of the token. */
  readonly tokenId: string;
}

/** A request that was refused, and why. */
export interface RefusedEvent {
  readonly event: 'refused';
  readonly method: string;
  readonly path: string;
  /** The number after AADSTS; of Microsoft Graph, the status. */
  readonly code: number;
  readonly error: string;
}

const LIMIT = 1000;

/** State: the last thousand entries, oldest first, and who wants to be told of new ones. */
export class Log {
  readonly #now: () => number;
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  #entries: readonly LogEntry[] = [];

  /** @param now Unix milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  add(entry: AskedEvent | IssuedEvent | RefusedEvent): void {
    const added = Object.freeze({ at: new Date(this.#now()).toISOString(), ...entry });
    this.#entries = [...this.#entries.slice(1 - LIMIT), added];
    for (const tell of this.#listeners) {
      tell(added);
    }
  }

  /** Tells of every new entry. The result ends it. */
  follow(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  clear(): void {
    this.#entries = [];
  }
}
