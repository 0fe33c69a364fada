import { createSigningKey, type SigningKey } from './signing-key.js';

/** The keys of a local Entra. State: the key that signs, and those that the key sets show. */
export class KeyRing {
  #signing = createSigningKey();
  #published: readonly SigningKey[] = [this.#signing];

  /** The key of the next token. */
  get signing(): SigningKey {
    return this.#signing;
  }

  /** What the key sets show, the newest first. */
  get published(): readonly SigningKey[] {
    return this.#published;
  }

  /**
   * Signs with a new key from now on. With overlap the old ones stay in the key sets and tokens that they signed stay good,
   * as in an ordinary rollover; without, they are gone at once.
   */
  rollOver({ overlap }: { readonly overlap: boolean }): SigningKey {
    this.#signing = createSigningKey();
    this.#published = [this.#signing, ...(overlap ? this.#published : [])];
    return this.#signing;
  }

  /** Takes a key out of the key sets. Where it is the one that signs, a new one signs from now on. */
  withdraw(kid: string): void {
    if (!this.#published.some((key) => key.kid === kid)) {
      throw new RangeError(`No published key has the kid ${kid}.`);
    }
    if (this.#signing.kid === kid) {
      this.rollOver({ overlap: true });
    }
    this.#published = this.#published.filter((key) => key.kid !== kid);
  }
}
