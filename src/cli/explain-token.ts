import { type Caller, identifyCaller } from '../caller/index.js';
import { isRefusal, type Refusal } from '../errors/index.js';
import {
  type Authority,
  type TokenClaims,
  type TokenOptions,
  tokenVerifier,
  unverifiedClaims,
} from '../token/index.js';

/** What can be told of a token. */
export interface TokenExplanation {
  readonly isVerified: boolean;
  /** Undefined where the token cannot be read, or was refused. */
  readonly claims: TokenClaims | undefined;
  /** Undefined where it is not known who is calling. */
  readonly caller: Caller | undefined;
  /** Why the token was refused, or is nobody's. */
  readonly refusal: Refusal | undefined;
}

/**
 * Reads a token, or has it verified where it is said what for.
 *
 * @throws ConfigurationError where the options are not understood
 */
export async function explainToken(token: string, options: TokenOptions | undefined): Promise<TokenExplanation> {
  let claims: TokenClaims | undefined;
  const identify = (read: TokenClaims, accounts: Authority['accounts']): Caller => {
    claims = read;
    return identifyCaller(read, accounts);
  };
  const isVerified = options !== undefined;
  const verifier = options && tokenVerifier(options, (read, { accounts }) => identify(read, accounts));
  try {
    // Unverified, it is not known whose accounts they are: neither work nor personal is claimed.
    const caller = verifier ? await verifier.verify(token) : identify(unverifiedClaims(token), 'external');
    return { isVerified, claims, caller, refusal: undefined };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { isVerified, claims, caller: undefined, refusal: error };
  }
}

/** Lines of what a token says. Of a person nothing but the object id. */
export function describeToken({
  isVerified,
  claims,
  caller,
  refusal,
}: TokenExplanation): readonly (readonly [string, string])[] {
  return [
    ['caller', caller ? `${caller.kind}, ${sourceOf(caller)}` : 'unknown'],
    ...(refusal ? [['refused', describeRefusal(refusal)] as const] : []),
    ...(claims ? describeClaims(claims) : []),
    ...(caller ? describeCaller(caller) : []),
    ...(claims ? [['expires', describeTime(claims.expiresAt, isVerified)] as const] : []),
  ];
}

/** What JSON says of it. */
export function tokenAsJson({ isVerified, claims, caller, refusal }: TokenExplanation): object {
  return {
    isVerified,
    caller: caller && {
      kind: caller.kind,
      kindFrom: caller.kindFrom,
      tenantId: caller.tenantId,
      objectId: caller.principal.objectId,
      clientId: caller.clientId,
      clientAuthentication: caller.clientAuthentication,
      agent: caller.agent,
      ...(caller.kind === 'application'
        ? { appRoles: caller.appRoles }
        : { scopes: caller.scopes, userRoles: caller.userRoles, account: caller.account, guest: caller.guest }),
    },
    token: claims && {
      version: claims.version,
      audience: claims.audience,
      tokenId: claims.tokenId,
      issuedAt: claims.issuedAt,
      expiresAt: claims.expiresAt,
    },
    refusal: refusal && {
      status: refusal.status,
      code: refusal.code,
      message: refusal.message,
      detail: refusal.detail,
    },
  };
}

export function describeRefusal({ status, code, message, detail }: Refusal): string {
  return `${status} ${code}: ${message}${detail === undefined ? '' : ` ${detail}`}`;
}

function sourceOf({ kind, kindFrom }: Caller): string {
  if (kindFrom === 'idtyp') return 'as idtyp says';
  return kind === 'application'
    ? 'inferred: no scope, the subject is the client itself, and nothing names a user'
    : 'inferred: it has scopes, and the subject is not the client itself';
}

function describeClaims({
  tenantId,
  clientId,
  objectId,
  audience,
  version,
}: TokenClaims): readonly (readonly [string, string])[] {
  return [
    ['tenant', tenantId],
    ['client', clientId],
    ['principal', objectId],
    ['audience', `${printable(audience)}, version ${version}`],
  ];
}

function describeCaller(caller: Caller): readonly (readonly [string, string])[] {
  const list = (names: readonly string[]) => names.map(printable).join(' ') || 'none';
  const agent =
    caller.agent === undefined ? [] : [['agent', `acts ${caller.agent.acts.replaceAll('-', ' ')}`] as const];
  return caller.kind === 'application'
    ? [['application permissions', list(caller.appRoles)], ['client proved by', caller.clientAuthentication], ...agent]
    : [
        ['delegated permissions', list(caller.scopes)],
        ['user roles', list(caller.userRoles)],
        ['account', `${caller.account}${caller.guest === true ? ', a guest' : ''}`],
        ...agent,
      ];
}

function describeTime(seconds: number, isVerified: boolean): string {
  const date = new Date(seconds * 1000);
  const text = Number.isNaN(date.getTime()) ? 'at no time that there is' : date.toISOString();
  return !isVerified && date.getTime() < Date.now() ? `${text}: it has expired` : text;
}

/** Whoever wrote the token chose the characters, and a terminal obeys some. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
