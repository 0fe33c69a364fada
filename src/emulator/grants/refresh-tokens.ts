import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { SignIn } from './sign-in.js';

const DAY = 24 * 3_600_000;

/** The refresh tokens. Using one does not use it up, as in Entra. State: the sign-in that each stands for, until it expires. */
export class RefreshTokens {
  readonly #kept = new Map<string, { readonly signIn: SignIn; readonly expires: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ninety days; in a browser a day, which renewing does not extend. */
  issue(signIn: SignIn, renewed?: string): string {
    const now = this.#clock.now();
    const before = renewed === undefined ? undefined : this.#kept.get(renewed);
    const expires = signIn.platform === 'spa' ? (before?.expires ?? now + DAY) : now + 90 * DAY;
    const name = randomBytes(48).toString('base64url');
    this.#kept.set(name, { signIn, expires });
    return name;
  }

  find(name: string): { readonly signIn: SignIn; readonly expired: boolean } | undefined {
    const kept = this.#kept.get(name);
    return kept && { signIn: kept.signIn, expired: kept.expires <= this.#clock.now() };
  }
}
