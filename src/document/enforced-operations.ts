import { ConfigurationError } from '../errors/index.js';
import { type Demand, demandOf } from '../express/index.js';
import {
  type Catalogue,
  type Condition,
  type DeclaredGrant,
  declareGrant,
  type Grant,
  isNarrowName,
  namedRecords,
  type RecordRule,
} from '../permissions/index.js';
import type { DocumentPath, Opening } from './document-operations.js';
import type { EnforceOptions } from './enforce-options.js';
import type { PathTemplate } from './path-template.js';
import {
  narrowed,
  placeFor,
  type RecordEntry,
  type RecordPlace,
  type RecordUsesByKind,
  readRecordUses,
} from './record-rules.js';
import { requirementKey } from './requirement.js';

/** A path of a document, ready to decide requests. */
export interface EnforcedPath {
  /** As it is written where it comes first. */
  readonly path: string;
  readonly template: PathTemplate;
  /** By method. One that nothing opens is there, without grants. */
  readonly operations: ReadonlyMap<string, EnforcedOperation>;
}

export interface EnforcedOperation {
  readonly grants: readonly Grant[];
  /** What is demanded of a request, given the values of the path's parameters. */
  demand(values: readonly string[]): Demand;
}

/**
 * The grants of each operation of a document, with what `enforce` was told of records and conditions.
 *
 * @throws ConfigurationError where a permission lacks the rule that its name demands, on any of its paths, or an option is
 *   about nothing
 */
export function enforcedOperations(
  paths: Iterable<DocumentPath>,
  catalogue: Catalogue,
  options: EnforceOptions<Catalogue>,
): readonly EnforcedPath[] {
  const grants = new GrantMaker(catalogue, options);
  const enforced = [...paths].map(({ path, template, operations }) => ({
    path,
    template,
    operations: new Map(
      [...operations].map(([method, openings]) => [method, grants.operation(method, path, template, openings)]),
    ),
  }));
  grants.checkRules();
  return enforced;
}

const kinds = ['delegated', 'application'] as const;
const kindOf = { DelegatedWork: 'delegated', DelegatedPersonal: 'delegated', Application: 'application' } as const;

/** How many of the paths without a rule an error names. */
const maxNamed = 5;

/** State: grants that were made before, for most operations share theirs; and what was found to be missing. */
class GrantMaker {
  private readonly entries = new Map<string, readonly RecordEntry[]>();
  private readonly conditions: ReadonlyMap<string, Condition>;
  private readonly made = new Map<RecordEntry | undefined, Map<string, DeclaredGrant>>();
  private readonly missing = new Map<string, string[]>();
  private readonly used = new Set<RecordEntry>();
  /** The permissions that have a rule, and those that need one. */
  private readonly ruled: Set<string>;

  constructor(
    private readonly catalogue: Catalogue,
    { records = {}, conditions = {} }: EnforceOptions<Catalogue>,
  ) {
    for (const [name, uses] of Object.entries(records)) {
      const kindsOfName = this.kindsOf('records', name);
      const isByKind = typeof uses === 'object' && uses !== null && kinds.some((kind) => Object.hasOwn(uses, kind));
      const byKind = isByKind ? (uses as RecordUsesByKind) : undefined;
      for (const kind of byKind === undefined ? kindsOfName : (Object.keys(byKind) as typeof kindsOfName)) {
        if (!kindsOfName.includes(kind))
          throw new ConfigurationError(`enforce: records: ${name} is not in the document as '${kind}'.`);
        const given = byKind === undefined ? uses : byKind[kind];
        this.entries.set(`${kind} ${name}`, readRecordUses(`records: ${kind} ${name}`, given as never));
      }
    }
    this.ruled = new Set([...Object.keys(records), ...Object.keys(catalogue).filter(isNarrowName)]);
    for (const name of Object.keys(conditions)) this.kindsOf('conditions', name);
    this.conditions = new Map(Object.entries(conditions)) as ReadonlyMap<string, Condition>;
  }

  /** Least privileged first. */
  operation(method: string, path: string, template: PathTemplate, openings: readonly Opening[]): EnforcedOperation {
    const parameters = new Map<RecordRule<unknown>, number>();
    const grants = byPrivilege(openings).flatMap((opening) => {
      const place = this.placeOf(opening, method, path, template);
      const found = this.grantsOf(opening, openings, place?.entry);
      for (const rule of namedRecords(found)) {
        if ((parameters.get(rule) ?? place?.parameter) !== place?.parameter) {
          throw new ConfigurationError(
            `enforce: ${method} ${path}: record '${rule.name}' is looked for by two parameters of one path. Two kinds of use need two records.`,
          );
        }
        if (place?.parameter !== undefined) parameters.set(rule, place.parameter);
      }
      return found;
    });
    const demand = demandOf(grants, () => '');
    return {
      grants,
      demand: (values) => ({ ...demand, idOf: (_req, rule) => values[parameters.get(rule) ?? -1] ?? '' }),
    };
  }

  /** @throws ConfigurationError where a permission is without its rule on a path, or an entry is about none */
  checkRules(): void {
    for (const [name, paths] of this.missing) {
      const more = paths.length > maxNamed ? `, and ${paths.length - maxNamed} more` : '';
      throw new ConfigurationError(
        `enforce: ${name} needs its rule on ${paths.slice(0, maxNamed).join(', ')}${more}. Say for each path which records it opens: ` +
          "records: { '…': { '/mailboxes/{id}': mailbox, 'GET /mailboxes': { ownedOnly: mailbox }, 'POST /mailboxes': { creates: mailbox } } }.",
      );
    }
    for (const [name, entries] of this.entries) {
      for (const entry of entries) {
        if (entry.at === undefined || this.used.has(entry)) continue;
        throw new ConfigurationError(
          `enforce: records: ${name}: the permission opens nothing at '${entry.at.text}', or a longer entry is about it. Write the path as in the document.`,
        );
      }
    }
  }

  private kindsOf(option: string, name: string): readonly (typeof kinds)[number][] {
    const entry = Object.hasOwn(this.catalogue, name) ? this.catalogue[name] : undefined;
    if (entry === undefined) throw new ConfigurationError(`enforce: ${option}: '${name}' is not in the document.`);
    return kinds.filter((kind) => entry[kind] !== undefined);
  }

  private placeOf(
    { permission, scheme, parameters }: Opening,
    method: string,
    path: string,
    template: PathTemplate,
  ): RecordPlace | undefined {
    if (!this.ruled.has(permission)) return undefined;
    const name = `${kindOf[scheme]} ${permission}`;
    const entries = this.entries.get(name);
    if (entries === undefined && !isNarrowName(permission)) return undefined;
    const place = entries === undefined ? 'nothing is said of it' : placeFor(entries, method, template, parameters);
    if (typeof place !== 'string' && !(place.entry.step === 'any-record' && isNarrowName(permission))) {
      this.used.add(place.entry);
      return place;
    }
    const where = `${method} ${path}${typeof place === 'string' && entries !== undefined ? ` (${place})` : ''}`;
    const others = this.missing.get(name) ?? [];
    if (!others.includes(where)) this.missing.set(name, [...others, where]);
    return undefined;
  }

  /** One for each way of holding what is required. What is the same for both kinds of accounts is one grant. */
  private grantsOf(
    opening: Opening,
    all: readonly Opening[],
    entry: RecordEntry | undefined,
  ): readonly DeclaredGrant[] {
    const account = this.accountOf(opening, all);
    return account === 'with-work' ? [] : opening.requirement.map((way) => this.grant(opening, way, account, entry));
  }

  private accountOf(
    { permission, scheme, requirement }: Opening,
    all: readonly Opening[],
  ): Grant['account'] | 'with-work' {
    if (scheme === 'Application') return undefined;
    const admitsPersonal = this.catalogue[permission]?.delegated?.personal === true;
    if (scheme === 'DelegatedWork' && !admitsPersonal) return undefined;
    const other = all.find(
      (each) => each.permission === permission && kindOf[each.scheme] === 'delegated' && each.scheme !== scheme,
    );
    const isSame = other !== undefined && requirementKey(other.requirement) === requirementKey(requirement);
    if (isSame) return scheme === 'DelegatedWork' ? undefined : 'with-work';
    return scheme === 'DelegatedWork' ? 'work' : 'personal';
  }

  private grant(
    { permission, scheme }: Opening,
    way: readonly string[],
    account: Grant['account'],
    entry: RecordEntry | undefined,
  ): DeclaredGrant {
    const ofEntry = this.made.get(entry) ?? new Map<string, DeclaredGrant>();
    this.made.set(entry, ofEntry);
    const others = way.filter((name) => name !== permission);
    const key = [kindOf[scheme], account, permission, ...others].join(' ');
    const known = ofEntry.get(key);
    if (known !== undefined) return known;
    let grant = declareGrant(kindOf[scheme], permission, this.catalogue);
    for (const name of others) grant = grant.and(name);
    if (account !== undefined) grant = grant.onlyFor(account);
    if (entry !== undefined) grant = narrowed(grant, entry);
    for (const name of [permission, ...others]) {
      const condition = this.conditions.get(name);
      if (condition !== undefined) grant = grant.when(condition.name, condition.test);
    }
    ofEntry.set(key, grant);
    return grant;
  }
}

/** What is said to be least privileged first, then by level; otherwise as in the document. */
function byPrivilege(openings: readonly Opening[]): readonly Opening[] {
  if (openings.length < 2) return openings;
  return [...openings].sort(
    (one, other) =>
      Number(other.isLeast) - Number(one.isLeast) ||
      (one.privilegeLevel < other.privilegeLevel ? -1 : one.privilegeLevel > other.privilegeLevel ? 1 : 0),
  );
}
