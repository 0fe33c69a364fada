import type { ApplicationPermission, CatalogueEntry, ConsentText, DelegatedPermission } from '../permissions/index.js';
import type { DocumentFinding } from './finding.js';
import type { DocumentPermission, DocumentScheme, PermissionsDocument, Scheme } from './permissions-document.js';

/** The catalogue that a document describes: its names, each with the kinds that its schemes give it. */
export type CatalogueOf<D extends PermissionsDocument> = {
  readonly [N in keyof D['permissions'] & string]: CatalogueEntry & KindsOf<D['permissions'][N]['schemes']>;
};

/** Of schemes that the compiler does not know, any may be there: what is not is found at start. */
type KindsOf<S> = string extends keyof S
  ? AnyKind
  : object extends S
    ? AnyKind
    : (Extract<keyof S, 'DelegatedWork' | 'DelegatedPersonal'> extends never
        ? unknown
        : { readonly delegated: DelegatedPermission }) &
        (Extract<keyof S, 'Application'> extends never ? unknown : { readonly application: ApplicationPermission });

interface AnyKind {
  readonly delegated: DelegatedPermission;
  readonly application: ApplicationPermission;
}

/** The entries of a catalogue, as `definePermissions` takes them, and which texts were missing. */
export function documentCatalogue({ permissions }: PermissionsDocument): {
  readonly entries: Readonly<Record<string, CatalogueEntry>>;
  readonly findings: readonly DocumentFinding[];
} {
  const findings: DocumentFinding[] = [];
  const entries = Object.entries(permissions).map(([name, permission]) => {
    const missing: string[] = [];
    const entry = entryOf(name, permission, missing);
    if (missing.length > 0) {
      const message = `${name}: ${missing.join(', ')} missing. It is what people read before they consent.`;
      findings.push({ code: 'missing-text', permissions: [name], path: undefined, message });
    }
    return [name, entry] as const;
  });
  return { entries: Object.fromEntries(entries), findings };
}

function entryOf(name: string, permission: DocumentPermission, missing: string[]): CatalogueEntry {
  const { DelegatedWork, DelegatedPersonal, Application } = permission.schemes as Partial<
    Record<Scheme, DocumentScheme>
  >;
  const delegated = DelegatedWork ?? DelegatedPersonal;
  return {
    ...(delegated && {
      delegated: delegatedPermission(name, delegated, DelegatedPersonal !== undefined, missing),
    }),
    ...(Application && { application: adminText(name, Application, missing) }),
  };
}

function delegatedPermission(
  name: string,
  scheme: DocumentScheme,
  personal: boolean,
  missing: string[],
): DelegatedPermission {
  const text = adminText(name, scheme, missing);
  const account = personal ? { personal } : {};
  const { userDisplayName, userDescription } = scheme;
  if (scheme.requiresAdminConsent === true && !userDisplayName && !userDescription)
    return { consent: 'admin', ...text, ...account };
  const toUser = {
    displayName: textOr(userDisplayName, text.displayName, 'userDisplayName', missing),
    description: textOr(userDescription, text.description, 'userDescription', missing),
  };
  return { consent: scheme.requiresAdminConsent === true ? 'admin' : 'user', toUser, ...text, ...account };
}

function adminText(name: string, scheme: DocumentScheme, missing: string[]): ConsentText {
  const displayName = textOr(scheme.adminDisplayName, name, 'adminDisplayName', missing);
  return { displayName, description: textOr(scheme.adminDescription, displayName, 'adminDescription', missing) };
}

function textOr(text: unknown, other: string, member: string, missing: string[]): string {
  if (typeof text === 'string' && text.trim() !== '') return text;
  missing.push(member);
  return other;
}
