import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { SignIn } from './sign-in.js';

export interface AuthorizationCode extends SignIn {
  readonly redirectUri: string;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly nonce: string | undefined;
}

/** RFC 7636. */
export interface CodeChallenge {
  readonly method: 'S256' | 'plain';
  readonly value: string;
}

const LIFETIME = 10 * 60_000;

interface Kept {
  readonly code: AuthorizationCode;
  readonly expires: number;
  readonly redeemed: boolean;
}

/** The authorization codes that are still to be redeemed. State: what each stands for, until it expires. */
export class AuthorizationCodes {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(code: AuthorizationCode): string {
    for (const [name, { expires }] of this.#kept) {
      if (expires + LIFETIME < this.#clock.now()) {
        this.#kept.delete(name);
      }
    }
    const name = randomBytes(48).toString('base64url');
    this.#kept.set(name, { code, expires: this.#clock.now() + LIFETIME, redeemed: false });
    return name;
  }

  find(
    name: string,
  ): { readonly code: AuthorizationCode; readonly state: 'good' | 'redeemed' | 'expired' } | undefined {
    const kept = this.#kept.get(name);
    if (!kept) {
      return undefined;
    }
    const expired = kept.expires <= this.#clock.now();
    return { code: kept.code, state: kept.redeemed ? 'redeemed' : expired ? 'expired' : 'good' };
  }

  /** From now on it is known and no good. */
  redeem(name: string): void {
    const kept = this.#kept.get(name);
    if (kept) {
      this.#kept.set(name, { ...kept, redeemed: true });
    }
  }
}
