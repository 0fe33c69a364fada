import { randomBytes, randomInt } from 'node:crypto';
import type { SignInRequest } from '../authorization/sign-in-request.js';
import type { Clock } from '../clock.js';
import type { User } from '../directory/user.js';
import type { Version } from '../documents.js';

/** A device that asks to be signed in on another screen. */
export interface DeviceCode {
  readonly deviceCode: string;
  /** What the user types. */
  readonly userCode: string;
  readonly request: SignInRequest;
  readonly version: Version;
  /** Unix milliseconds. */
  readonly expires: number;
  readonly outcome: 'pending' | 'declined' | 'redeemed' | { readonly approvedBy: User };
}

/** Seconds. */
export const DEVICE_CODE_EXPIRES_IN = 900;

/** No vowels, no digits that look like letters: nobody misreads a code, or reads a word in it. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ23456789';

/** The devices that wait for a user. State: one immutable `DeviceCode` per device code, replaced when the user decides. */
export class DeviceCodes {
  readonly #byDeviceCode = new Map<string, DeviceCode>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(request: SignInRequest, version: Version): DeviceCode {
    for (const { deviceCode, expires } of this.#byDeviceCode.values()) {
      if (expires + DEVICE_CODE_EXPIRES_IN * 1000 < this.#clock.now()) {
        this.#byDeviceCode.delete(deviceCode);
      }
    }
    const code: DeviceCode = {
      deviceCode: randomBytes(48).toString('base64url'),
      userCode: Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
      request,
      version,
      expires: this.#clock.now() + DEVICE_CODE_EXPIRES_IN * 1000,
      outcome: 'pending',
    };
    this.#byDeviceCode.set(code.deviceCode, code);
    return code;
  }

  find(deviceCode: string): DeviceCode | undefined {
    return this.#byDeviceCode.get(deviceCode);
  }

  hasExpired({ expires }: DeviceCode): boolean {
    return expires <= this.#clock.now();
  }

  /** By what the user types, while it can still be decided. */
  waiting(userCode: string): DeviceCode | undefined {
    const wanted = userCode.replaceAll(/[\s-]/g, '').toUpperCase();
    return [...this.#byDeviceCode.values()].find(
      (code) => code.userCode === wanted && code.outcome === 'pending' && !this.hasExpired(code),
    );
  }

  decide(deviceCode: string, outcome: Exclude<DeviceCode['outcome'], 'pending'>): void {
    const code = this.find(deviceCode);
    if (code) {
      this.#byDeviceCode.set(deviceCode, { ...code, outcome });
    }
  }
}
