import { ConfigurationError } from '../errors/index.js';
import { type AuthenticateOptions, type Authentication, authentication, checkOptions } from '../express/index.js';

const maxShared = 100;

/** State of this module: what strategies with equal options share, at most 100 of them, and numbers for what is compared by identity. */
const shared = new Map<string, Authentication>();
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/**
 * Strategies are made anew for each request by some applications: those with equal options share their keys, so that a new
 * one fetches nothing. Functions, `permissions` and a `testAuthority` are equal where they are the same.
 *
 * @throws ConfigurationError where an option is wrong, or where strategies with more than 100 different options were made
 */
export function sharedAuthentication(options: AuthenticateOptions): Authentication {
  checkOptions(options);
  const name = nameOf(options);
  const known = shared.get(name);
  if (known !== undefined) return known;
  if (shared.size >= maxShared) {
    throw new ConfigurationError(
      `BearerStrategy was made with more than ${maxShared} different options, and each fetches keys. Make each strategy once, at start; for many tenants one strategy with tenants: ['<GUID>', …].`,
    );
  }
  const made = authentication(options);
  shared.set(name, made);
  return made;
}

function nameOf({ permissions, testAuthority, ...options }: AuthenticateOptions): string {
  const byIdentity = [permissions.catalogue, testAuthority].map(numberOf);
  return JSON.stringify([byIdentity, Object.entries(options).sort()], (_, value: unknown) =>
    typeof value === 'function' ? { function: numberOf(value) } : value,
  );
}

function numberOf(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
  const number = numbers.get(value) ?? ++lastNumber;
  numbers.set(value, number);
  return number;
}
