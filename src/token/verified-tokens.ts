import { hash } from 'node:crypto';
import { ConfigurationError } from '../errors/index.js';

/** Bounds of what is remembered. */
export interface TokenCacheOptions {
  /** How many tokens at most. 10,000 by default. */
  readonly maxTokens?: number;
  /** How many characters the remembered tokens had in sum, at most: what they left in memory is of that order. 64,000,000 by default. */
  readonly maxCharacters?: number;
}

/** What is remembered of one token. */
export interface Remembered {
  /** How long the token was. */
  readonly characters: number;
}

/**
 * What came of tokens that passed. Keyed by the SHA-256 of the whole token, never by a part of it; the token itself is not
 * held. State: two generations of entries; when the younger is full the older is dropped, so that a look-up costs the same
 * however many there are.
 */
export class VerifiedTokens<T extends Remembered> {
  private young = new Map<string, T>();
  private old = new Map<string, T>();
  private characters = 0;
  private readonly maxTokens: number;
  private readonly maxCharacters: number;

  constructor(options: TokenCacheOptions = {}) {
    const bounds = readBounds(options);
    // Half for each generation.
    this.maxTokens = Math.floor(bounds.maxTokens / 2);
    this.maxCharacters = Math.floor(bounds.maxCharacters / 2);
  }

  /** The name under which a token is remembered. */
  key(token: string): string {
    return hash('sha256', token, 'base64');
  }

  get(key: string): T | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found;
    const older = this.old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  /** What is too long for a generation is not remembered at all. */
  set(key: string, entry: T): void {
    if (entry.characters > this.maxCharacters) return;
    const isFull = this.young.size >= this.maxTokens || this.characters + entry.characters > this.maxCharacters;
    if (isFull) {
      this.old = this.young;
      this.young = new Map();
      this.characters = 0;
    }
    this.young.set(key, entry);
    this.characters += entry.characters;
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }
}

function readBounds(options: TokenCacheOptions): Required<TokenCacheOptions> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError('cache must be false, or bounds: { maxTokens, maxCharacters }.');
  }
  const { maxTokens = 10_000, maxCharacters = 64_000_000, ...others } = options;
  const bounds = { maxTokens, maxCharacters };
  for (const name of Object.keys(others)) {
    throw new ConfigurationError(`cache.${name} is not an option. The options are ${Object.keys(bounds).join(', ')}.`);
  }
  for (const [name, value] of Object.entries(bounds)) {
    if (!Number.isSafeInteger(value) || value < 2) {
      throw new ConfigurationError(`cache.${name} must be a whole number, at least 2.`);
    }
  }
  return bounds;
}
