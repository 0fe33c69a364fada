/**
 * A permissions document (`application/permissions+json`), as far as it is read here. Written so that a JSON import has this
 * type: of a list whose elements differ, TypeScript gives each element the members of all, as `undefined`.
 * Source: https://github.com/microsoftgraph/kibali/blob/main/specs/permissions.md
 */
export interface PermissionsDocument {
  /** By name, which is the value in `scp` or `roles`. */
  readonly permissions: Readonly<Record<string, DocumentPermission>>;
}

/** One permission of a document. Members that are not listed describe it for people, and are not read. */
export interface DocumentPermission {
  /** `oAuth2` by default. Permissions of any other type open nothing here. */
  readonly authorizationType?: string | undefined;
  /** That callers need not hold it. It is demanded here nevertheless. */
  readonly implicit?: boolean | undefined;
  /** By `DelegatedWork`, `DelegatedPersonal` and `Application`. */
  readonly schemes: object;
  readonly pathSets: readonly PathSet[];
}

/** Consent texts, as administrators and users read them. */
export interface DocumentScheme {
  readonly adminDisplayName?: string | undefined;
  readonly adminDescription?: string | undefined;
  readonly userDisplayName?: string | undefined;
  readonly userDescription?: string | undefined;
  /** False by default. */
  readonly requiresAdminConsent?: boolean | undefined;
  /** 1 (least) to 5 (most). */
  readonly privilegeLevel?: number | undefined;
}

/** Paths that a permission opens in the same way. */
export interface PathSet {
  readonly schemeKeys: readonly string[];
  /** Upper case; `<ReadMethods>` is GET, `<WriteMethods>` is POST, PUT, PATCH and DELETE. */
  readonly methods: readonly string[];
  /** Template → `least=DelegatedWork,Application;AlsoRequires=A,B`, each part of which may be missing. */
  readonly paths: Readonly<Record<string, string | undefined>>;
  /** What must be held as well: `(User.Read | User.Read.All) & Group.Read`. */
  readonly alsoRequires?: string | undefined;
}

/** How a permission is used: by users of an organization, by users with a personal account, by applications as themselves. */
export type Scheme = (typeof schemes)[number];

export const schemes = ['DelegatedWork', 'DelegatedPersonal', 'Application'] as const;

export function isScheme(name: string): name is Scheme {
  return (schemes as readonly string[]).includes(name);
}
