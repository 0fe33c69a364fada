import { ConfigurationError } from '../errors/index.js';
import { isGuid } from '../token/index.js';

/** What an admin or a user reads before consenting. */
export interface ConsentText {
  readonly displayName: string;
  readonly description: string;
}

interface Registered {
  /** The id in the app registration, a GUID. */
  readonly id?: string;
  /**
   * `false`: the permission opens nothing. Entra keeps issuing a role that was disabled to those who hold it, so that the API
   * has to be the one that stops. True by default.
   */
  readonly enabled?: boolean;
}

/** A scope (`scp`): what a client may do for the user who signed in. */
export type DelegatedPermission = ConsentText &
  Registered & {
    /** Whether users with a personal Microsoft account may call with it. False by default. */
    readonly personal?: boolean;
  } & (
    | {
        /** Users may consent for themselves, and read `toUser` first. */ readonly consent: 'user';
        readonly toUser: ConsentText;
      }
    | { /** Only an admin may consent. */ readonly consent: 'admin'; readonly toUser?: ConsentText }
  );

/** An app role for clients (`allowedMemberTypes: ["Application"]`). Only an admin may grant it. */
export type ApplicationPermission = ConsentText & Registered;

/** An app role for users and groups (`allowedMemberTypes: ["User"]`). */
export type UserRole = ConsentText & Registered;

/** One name, and what it means for each kind it exists in. */
export interface CatalogueEntry {
  readonly delegated?: DelegatedPermission;
  readonly application?: ApplicationPermission;
  readonly userRole?: UserRole;
}

/** The permissions of one API by name, which is the `value` in the app registration. */
export type Catalogue = Readonly<Record<string, CatalogueEntry>>;

export type PermissionKind = 'delegated' | 'application' | 'userRole';

/** The names of a catalogue that exist in one kind. */
export type NameOf<C, K extends PermissionKind, N = keyof C> = N extends keyof C & string
  ? C[N] extends Readonly<Record<K, object>>
    ? N
    : never
  : never;

/** Turns a contradictory entry into a type error that says what to do. */
export type CheckedCatalogue<C> = {
  readonly [N in keyof C]: C[N] extends Readonly<Record<'application' | 'userRole', object>>
    ? {
        readonly userRole: 'an app role is for applications or for users, never both: give the user role a name of its own';
      }
    : C[N] extends
          | Readonly<Record<'delegated', object>>
          | Readonly<Record<'application', object>>
          | Readonly<Record<'userRole', object>>
      ? CatalogueEntry
      : 'declare at least one of delegated, application and userRole';
};

/** `value` of a scope or app role: at most 120 of these characters, no dot first (facts of the Graph resource types appRole and permissionScope). */
const legalName = /^(?!\.)[!#$%&'()*+,\-./:;<=>?@[\]^_`{|}~0-9A-Za-z]{1,120}$/;

const kinds: readonly PermissionKind[] = ['delegated', 'application', 'userRole'];

/**
 * A frozen copy of a catalogue that has been checked as the compiler checks it, for those who write JavaScript.
 *
 * @throws ConfigurationError that names the entry and the member
 */
export function checkCatalogue<C extends Catalogue>(catalogue: C): C {
  const entries = Object.entries(requireObject(catalogue, 'definePermissions'));
  if (entries.length === 0)
    throw new ConfigurationError('definePermissions: the catalogue is empty. Declare at least one permission.');
  const ids = new Map<string, string>();
  const checked = entries.map(
    ([name, entry]) => [name, checkEntry(name, requireObject(entry, name) as CatalogueEntry, ids)] as const,
  );
  return Object.freeze(Object.fromEntries(checked)) as C;
}

function checkEntry(name: string, entry: CatalogueEntry, ids: Map<string, string>): CatalogueEntry {
  if (!legalName.test(name)) {
    throw new ConfigurationError(
      `${JSON.stringify(name)} cannot be the value of a permission: at most 120 characters of A-Z a-z 0-9 and !#$%&'()*+,-./:;<=>?@[]^_\`{|}~, no blank, no dot first.`,
    );
  }
  for (const member of Object.keys(entry)) {
    if (!kinds.includes(member as PermissionKind))
      throw new ConfigurationError(`${name}: '${member}' is not one of ${kinds.join(', ')}.`);
  }
  const present = kinds.filter((kind) => entry[kind] !== undefined);
  if (present.length === 0) throw new ConfigurationError(`${name}: declare at least one of ${kinds.join(', ')}.`);
  if (entry.application !== undefined && entry.userRole !== undefined) {
    throw new ConfigurationError(
      `${name}: an app role is for applications or for users, never both. Give the user role a name of its own.`,
    );
  }
  const copies = present.map((kind) => [kind, checkPermission(`${name}.${kind}`, kind, entry[kind], ids)] as const);
  return Object.freeze(Object.fromEntries(copies));
}

function checkPermission(where: string, kind: PermissionKind, given: unknown, ids: Map<string, string>): object {
  const permission = requireObject(given, where);
  const known = [
    'displayName',
    'description',
    'id',
    'enabled',
    ...(kind === 'delegated' ? ['consent', 'toUser', 'personal'] : []),
  ];
  for (const member of Object.keys(permission)) {
    if (!known.includes(member))
      throw new ConfigurationError(`${where}: '${member}' is not one of ${known.join(', ')}.`);
  }
  requireTexts(permission, where);
  for (const flag of ['enabled', 'personal']) {
    if (permission[flag] !== undefined && typeof permission[flag] !== 'boolean')
      throw new ConfigurationError(`${where}.${flag} must be true or false.`);
  }
  if (kind === 'delegated') checkConsent(permission, where);
  const { id, toUser } = permission;
  if (id !== undefined) {
    if (!isGuid(id)) throw new ConfigurationError(`${where}.id must be a GUID.`);
    const taken = ids.get(id.toLowerCase());
    if (taken !== undefined)
      throw new ConfigurationError(`${where}.id is the id of ${taken} too: each permission needs its own.`);
    ids.set(id.toLowerCase(), where);
  }
  return Object.freeze({
    ...permission,
    ...(toUser === undefined ? {} : { toUser: Object.freeze({ ...(toUser as object) }) }),
  });
}

function checkConsent({ consent, toUser }: Readonly<Record<string, unknown>>, where: string): void {
  if (consent !== 'user' && consent !== 'admin') {
    throw new ConfigurationError(`${where}.consent must be 'user' (users may consent for themselves) or 'admin'.`);
  }
  if (consent === 'user' || toUser !== undefined)
    requireTexts(requireObject(toUser, `${where}.toUser`), `${where}.toUser`);
}

function requireTexts(texts: Readonly<Record<string, unknown>>, where: string): void {
  for (const name of ['displayName', 'description']) {
    const text = texts[name];
    if (typeof text !== 'string' || text.trim() === '') {
      throw new ConfigurationError(`${where}.${name} is missing: it is what people read before they consent.`);
    }
  }
}

function requireObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigurationError(`${where} must be an object.`);
  return value as Readonly<Record<string, unknown>>;
}
