import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isRefusal } from '../../src/errors/index.js';
import { type FetchLimits, fetchLimits } from '../../src/token/fetch-json.js';
import type { KeyMessage, KeySetHealth, TokenClaims } from '../../src/token/index.js';
import { keysChannel, type TokenOptions, type TokenVerifier, tokenVerifier } from '../../src/token/index.js';
import { type Authority, type Claims, clientId, makeKey, type TestKey, tenantId } from '../support/authority.js';
import { VirtualClock } from './virtual-clock.js';

/** What a token stands for here: one object for each verification. */
export type Verified = Readonly<Pick<TokenClaims, 'tokenId' | 'tenantId'>>;

export interface Subject {
  readonly verifier: TokenVerifier<Verified>;
  readonly clock: VirtualClock;
  /** In force from the next fetch on. */
  readonly limits: { -readonly [name in keyof FetchLimits]: FetchLimits[name] };
  /** Tokens that passed a verification, in order: one that is remembered is not verified again. */
  readonly verified: readonly string[];
}

/** A verifier on virtual time. */
export function verifierOf(authority: Authority, options: object = {}): Subject {
  const limits = { ...fetchLimits };
  const clock = new VirtualClock();
  const verified: string[] = [];
  const whose = 'tenants' in options ? {} : { tenant: tenantId };
  const verifier = tokenVerifier<Verified>(
    { ...whose, clientId, testAuthority: authority.address, ...options } as TokenOptions,
    ({ tokenId, tenantId }) => {
      verified.push(tokenId ?? '');
      return Object.freeze({ tokenId, tenantId });
    },
    { clock, limits },
  );
  return { verifier, clock, limits, verified };
}

/** `200`, or the status and the code of the refusal. What is not a refusal is thrown. */
export async function outcome({ verifier }: Pick<Subject, 'verifier'>, token: string): Promise<string> {
  try {
    await verifier.verify(token);
    return '200';
  } catch (error) {
    if (isRefusal(error)) return `${error.status} ${error.code}`;
    throw error;
  }
}

/** How often each outcome comes of many tokens at once. */
export async function outcomes(subject: Subject, tokens: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const each of await Promise.all(tokens.map((token) => outcome(subject, token)))) {
    counts[each] = (counts[each] ?? 0) + 1;
  }
  return counts;
}

/** The first key set's health. */
export function healthOf({ verifier }: Subject): KeySetHealth {
  const [first] = verifier.keys.health().keySets;
  if (first === undefined) throw new Error('No key set has been asked for.');
  return first;
}

let count = 0;

/** A good token that no one has seen before. */
export function freshToken(authority: Authority, key = authority.key, claims: Claims = {}): string {
  count++;
  return authority.token(authority.user('Mail.Read', { uti: `token-${count}`, ...claims }), {}, key);
}

/** As anyone can make it who knows the API: its claims are right, its key is made up. */
export function forgedToken(authority: Authority, kid: string, claims: Claims = {}): string {
  return unsigned({ typ: 'JWT', alg: 'RS256', kid }, authority.user('Mail.Read', claims));
}

/** A token of any header and claims, with a signature of no key. */
export function unsigned(header: Claims, claims: Claims): string {
  const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${segment(header)}.${segment(claims)}.${Buffer.alloc(256, 7).toString('base64url')}`;
}

export function forgedTokens(authority: Authority, howMany: number, claims: Claims = {}): string[] {
  return Array.from({ length: howMany }, (_, i) => forgedToken(authority, `made-up-${i}`, claims));
}

/** Another key of the same authority. */
export function nextKey(authority: Authority, kid = 'key-2'): TestKey {
  return makeKey(kid, `${authority.origin}/{tenantid}/v2.0`);
}

/** The claims of another tenant's token. */
export function ofTenant({ origin }: Authority, tid: string): Claims {
  return { tid, iss: `${origin}/${tid}/v2.0` };
}

/** Key events while something is done. */
export async function eventsDuring(work: () => Promise<unknown>): Promise<KeyMessage[]> {
  const seen: KeyMessage[] = [];
  const listen = (message: unknown) => void seen.push(message as KeyMessage);
  subscribe(keysChannel, listen);
  try {
    await work();
  } finally {
    unsubscribe(keysChannel, listen);
  }
  return seen;
}
