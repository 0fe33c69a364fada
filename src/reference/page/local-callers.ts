import { ConfigurationError } from '../../errors/index.js';
import type { Catalogue } from '../../permissions/index.js';
import { type Authority, authorityOf, personalAccountsTenant, type TestAuthority } from '../../token/index.js';

/** A local Entra, and who may be tried out. */
export interface LocalCallersOptions {
  /** The local Entra that `authenticate` was given. Refused unless `NODE_ENV` is `test` or `development`. */
  readonly testAuthority: string | TestAuthority;
  readonly callers: readonly LocalCaller[];
}

/** Someone to call the API as. */
export interface LocalCaller {
  /** What the page calls it: `Nightly script`. */
  readonly name: string;
  /** A token that the local Entra issues now: asked for each time the caller is chosen. Any other is an error. */
  readonly token: () => string | Promise<string>;
}

/** A caller as the page needs it: its token, and what the token says. */
export interface ChosenCaller {
  readonly token: string;
  readonly kind: 'delegated' | 'application';
  readonly permissions: readonly string[];
  readonly userRoles: readonly string[];
  readonly account: 'work' | 'personal';
  /** Of the principal: where one has to be typed in. */
  readonly objectId: string;
}

/** @throws ConfigurationError where the authority is not a local Entra, or a caller has no name or no token */
export function localCallers({ testAuthority, callers }: LocalCallersOptions, catalogue: Catalogue) {
  const authority = authorityOf({ testAuthority });
  for (const { name, token } of callers) {
    if (typeof name !== 'string' || name === '' || typeof token !== 'function') {
      throw new ConfigurationError("permissionReference: a caller is { name: 'Nightly script', token: () => … }.");
    }
  }
  return {
    names: callers.map(({ name }) => name),
    /** Undefined: there is no such caller. */
    async choose(index: string | null): Promise<ChosenCaller | undefined> {
      const caller = /^\d{1,4}$/.test(index ?? '') ? callers[Number(index)] : undefined;
      return caller && describe(await caller.token(), caller.name, authority, catalogue);
    },
  };
}

/** Not verified here: the API does that. Nothing but this machine's own tokens are handed to a page. */
function describe(token: string, name: string, authority: Authority, catalogue: Catalogue): ChosenCaller {
  const claims = readClaims(token);
  const issuers = (['1.0', '2.0'] as const).map((version) => authority.issuer(version, String(claims.tid)));
  if (typeof claims.iss !== 'string' || !issuers.includes(claims.iss)) {
    throw new ConfigurationError(`permissionReference: the token of '${name}' was not issued by testAuthority.`);
  }
  const isUser = typeof claims.scp === 'string';
  const kind = isUser ? 'delegated' : 'application';
  const roles = Array.isArray(claims.roles) ? claims.roles.map(String) : [];
  const of = (names: readonly string[], which: 'delegated' | 'application' | 'userRole') =>
    names.filter((each) => Object.hasOwn(catalogue, each) && catalogue[each]?.[which] !== undefined);
  return {
    token,
    kind,
    permissions: of(isUser ? String(claims.scp).split(' ') : roles, kind),
    userRoles: isUser ? of(roles, 'userRole') : [],
    account: claims.tid === personalAccountsTenant ? 'personal' : 'work',
    objectId: String(claims.oid),
  };
}

function readClaims(token: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) ?? {};
  } catch {
    return {};
  }
}
