import { ConfigurationError } from '../errors/index.js';
import { type DeclaredGrant, isRecordRule, type RecordRule, type RecordScopes } from '../permissions/index.js';
import { type PathTemplate, readTemplate } from './path-template.js';

/**
 * What a permission opens of a kind of record. A record by itself: what the caller owns of it. `'any-record'`: all of them, and
 * that is meant. The others as the steps of a grant that have their names.
 */
export type RecordUse =
  | RecordRule<unknown>
  | { readonly ownedOnly: RecordRule<unknown> }
  | { readonly creates: RecordRule<unknown> }
  | { readonly selected: RecordRule<unknown>; readonly role?: string }
  | { readonly selectedOnly: RecordRule<unknown>; readonly role?: string }
  | { readonly within: RecordScopes<unknown> }
  | { readonly withinOnly: RecordScopes<unknown> }
  | 'any-record';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';

/**
 * By path, of one method or of all: the longest that fits counts. What is about single records holds for everything below its
 * path as well, and the record is named by the last parameter of that path; what is about lists and new records holds for the
 * path alone.
 */
export type RecordUseByPath = {
  readonly [path: `/${string}` | `${Method} /${string}`]: RecordUse;
};

/** One use for every path of a permission, where the record's `param` names a parameter of each; or one for each path. */
export type RecordUses = RecordUse | RecordUseByPath;

/** For a permission that is delegated and application both: for each kind, or for one of them. */
export type RecordUsesByKind = { readonly delegated?: RecordUses; readonly application?: RecordUses };

const steps = ['ownedOnly', 'creates', 'selected', 'selectedOnly', 'within', 'withinOnly'] as const;
type StepName = 'owned' | 'any-record' | (typeof steps)[number];

/** One entry, read. */
export interface RecordEntry {
  readonly step: StepName;
  /** The record or the scopes; undefined for any record. */
  readonly of: unknown;
  readonly role: string | undefined;
  /** Where it holds; undefined: on every path of the permission. */
  readonly at:
    | { readonly text: string; readonly method: string | undefined; readonly template: PathTemplate }
    | undefined;
}

/** The narrowing of a grant on one operation, and by which of the path's parameters, counted from 0, the record is found. */
export interface RecordPlace {
  readonly entry: RecordEntry;
  readonly parameter: number | undefined;
}

/** Reads what `records` says of one permission and kind. @throws ConfigurationError that names the entry */
export function readRecordUses(where: string, uses: RecordUses): readonly RecordEntry[] {
  const byPath = typeof uses === 'object' && uses !== null && !isRecordRule(uses) ? Object.entries(uses) : [];
  if (!byPath.some(([key]) => key.includes('/'))) return [readUse(where, uses, undefined)];
  return byPath.map(([text, use]) => {
    const [, method, path = ''] = /^(?:([A-Z]+) )?(\/.*)$/.exec(text) ?? [];
    const template = readTemplate(path);
    if (typeof template === 'string')
      throw new ConfigurationError(`enforce: ${where}: '${text}' is no path such as '/mailboxes/{id}': ${template}.`);
    return readUse(`${where}, '${text}'`, use, { text, method, template });
  });
}

function readUse(where: string, use: unknown, at: RecordEntry['at']): RecordEntry {
  if (isRecordRule(use)) return { step: 'owned', of: use, role: undefined, at };
  if (use === 'any-record') return { step: 'any-record', of: undefined, role: undefined, at };
  const given = Object(use) as Readonly<Record<string, unknown>>;
  const [step, ...others] = steps.filter((name) => Object.hasOwn(given, name));
  const rest = Object.keys(given).filter((name) => name !== step && name !== 'role');
  if (step === undefined || others.length > 0 || rest.length > 0) {
    throw new ConfigurationError(
      `enforce: ${where}: say a record, 'any-record', or one of { ${steps.join(': … }, { ')}: … }.`,
    );
  }
  return { step, of: given[step], role: given.role as string | undefined, at };
}

/** Narrows a grant by an entry; the grant checks what it is given. */
export function narrowed(grant: DeclaredGrant, { step, of, role }: RecordEntry): DeclaredGrant {
  switch (step) {
    case 'any-record':
      return grant.kind === 'delegated' ? grant.onAnyRecord() : grant;
    case 'within':
    case 'withinOnly':
      return grant[step](of as RecordScopes<unknown>);
    case 'selected':
    case 'selectedOnly':
      return grant[step](of as RecordRule<unknown>, role);
    default:
      return grant[step](of as RecordRule<unknown>);
  }
}

/** The entry that holds for an operation; in words, why none does. */
export function placeFor(
  entries: readonly RecordEntry[],
  method: string,
  template: PathTemplate,
  parameters: readonly string[],
): RecordPlace | string {
  const [whole] = entries;
  if (whole !== undefined && whole.at === undefined) return placeByName(whole, parameters);
  const fitting = entries.filter((entry) => fits(entry, method, template));
  const entry = fitting.reduce<RecordEntry | undefined>(
    (best, each) => (outweighs(each, best) ? each : best),
    undefined,
  );
  if (entry?.at === undefined) return 'no entry is about this path';
  const last = entry.at.template.parameters.length - 1;
  if (!isItemStep(entry.step)) return { entry, parameter: undefined };
  return last < 0 ? `'${entry.at.text}' has no parameter that names the record` : { entry, parameter: last };
}

function placeByName(entry: RecordEntry, parameters: readonly string[]): RecordPlace | string {
  if (!isItemStep(entry.step)) return { entry, parameter: undefined };
  const { param } = (
    entry.step === 'within' ? (entry.of as RecordScopes<unknown>).record : entry.of
  ) as RecordRule<unknown>;
  const first = parameters.indexOf(param);
  if (first === -1) return `it has no parameter {${param}}`;
  return parameters.lastIndexOf(param) === first ? { entry, parameter: first } : `it has {${param}} more than once`;
}

function isItemStep(step: StepName): boolean {
  return step === 'owned' || step === 'selected' || step === 'within';
}

function fits({ step, at }: RecordEntry, method: string, { segments }: PathTemplate): boolean {
  if (at === undefined || (at.method !== undefined && at.method !== method)) return false;
  const own = at.template.segments;
  if (own.length > segments.length || !own.every(({ key }, index) => segments[index]?.key === key)) return false;
  return own.length === segments.length || isItemStep(step) || step === 'any-record';
}

/** The longer path; of two for one path, the one that names the method. */
function outweighs({ at }: RecordEntry, other: RecordEntry | undefined): boolean {
  if (at === undefined || other?.at === undefined) return true;
  const longer = at.template.segments.length - other.at.template.segments.length;
  return longer > 0 || (longer === 0 && at.method !== undefined);
}
