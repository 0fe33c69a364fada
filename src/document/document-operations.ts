import { isNarrowName } from '../permissions/index.js';
import type { DocumentFinding } from './finding.js';
import { readProperties } from './path-properties.js';
import { type PathTemplate, readTemplate } from './path-template.js';
import {
  type DocumentPermission,
  type DocumentScheme,
  isScheme,
  type PathSet,
  type PermissionsDocument,
  type Scheme,
  schemes,
} from './permissions-document.js';
import { both, nothingElse, type Requirement, readRequirement, requirementKey } from './requirement.js';

/** One path of a document: every template that is spelled otherwise but means the same. */
export interface DocumentPath {
  /** As it is written where it comes first. */
  readonly path: string;
  readonly template: PathTemplate;
  /**
   * By method, upper case. A method that nothing opens is there all the same, so that no other template answers in its place.
   */
  readonly operations: Map<string, Opening[]>;
}

/** That a permission opens an operation to callers of one scheme. */
export interface Opening {
  readonly permission: string;
  readonly scheme: Scheme;
  /** What must be held as well; no way at all: closed, for what was written contradicts itself. */
  readonly requirement: Requirement;
  /** Whether the document says that it is the least privileged one. */
  readonly isLeast: boolean;
  readonly privilegeLevel: number;
  /** The names of the path's parameters as this permission spells them. */
  readonly parameters: readonly string[];
}

/**
 * What a document opens, path by path, and what is wrong with it. Whatever cannot be read with certainty opens nothing.
 */
export function documentOperations(document: PermissionsDocument): {
  readonly paths: ReadonlyMap<string, DocumentPath>;
  readonly findings: readonly DocumentFinding[];
} {
  const reader = new DocumentReader(document);
  for (const [name, permission] of Object.entries(document.permissions)) reader.readPermission(name, permission);
  return { paths: reader.paths, findings: [...reader.findings, ...leastPrivilegeFindings(reader.paths)] };
}

const closed: Requirement = Object.freeze([]);
const pathSetMembers = ['schemeKeys', 'methods', 'paths', 'alsoRequires'];
const knownMethods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const methodGroups: Readonly<Record<string, readonly string[]>> = {
  '<ReadMethods>': ['GET'],
  '<WriteMethods>': ['POST', 'PUT', 'PATCH', 'DELETE'],
};

/** State: what has been read so far, and templates that were read before. */
class DocumentReader {
  readonly paths = new Map<string, DocumentPath>();
  readonly findings: DocumentFinding[] = [];
  private readonly templates = new Map<string, PathTemplate | string>();

  constructor(private readonly document: PermissionsDocument) {}

  readPermission(name: string, permission: DocumentPermission): void {
    const { authorizationType = 'oAuth2', implicit = false, pathSets } = permission;
    const isOpen = authorizationType === 'oAuth2';
    if (!isOpen) {
      const message = `${name} is of the type ${authorizationType}, which a token alone cannot prove: it opens nothing.`;
      this.report('not-enforced', name, undefined, message);
    }
    if (implicit) {
      const message = `${name} is implicit, as if every caller held it. It is demanded nevertheless.`;
      this.report('not-enforced', name, undefined, message);
    }
    for (const scheme of Object.keys(permission.schemes))
      if (!isScheme(scheme)) this.report('unknown-scheme', name, undefined, `${name}: '${scheme}' is no scheme.`);
    for (const pathSet of pathSets) this.readPathSet(name, permission, pathSet, isOpen);
  }

  private readPathSet(name: string, permission: DocumentPermission, pathSet: PathSet, isOpen: boolean): void {
    const unknown = Object.keys(pathSet).filter(
      (member) =>
        !pathSetMembers.includes(member) && (pathSet as unknown as Record<string, unknown>)[member] !== undefined,
    );
    if (unknown.length > 0) {
      const message = `${name}: a path set says ${unknown.join(' and ')}, which is not understood and may be a demand: it opens nothing.`;
      this.report('unreadable', name, undefined, message);
    }
    const requirement = this.requirementOfSet(name, pathSet);
    const opened = this.schemesOf(name, permission, pathSet);
    const methods = this.methodsOf(name, pathSet);
    const openingSchemes = isOpen && unknown.length === 0 ? opened : [];
    for (const [path, text = ''] of Object.entries(pathSet.paths)) {
      const template = this.templateOf(path);
      if (typeof template === 'string') {
        this.report('broken-template', name, path, `${name} ${path}: ${template}. It matches nothing.`);
        continue;
      }
      const properties = readProperties(text);
      if (typeof properties === 'string')
        this.report('unreadable', name, path, `${name} ${path}: ${properties}. It opens nothing.`);
      const { least, alsoRequires } = typeof properties === 'string' ? { least: [], alsoRequires: [] } : properties;
      for (const scheme of least) {
        if (opened.some((each) => each === scheme)) continue;
        const message = `${name} ${path}: least names ${scheme}, to which the path set opens nothing.`;
        this.report('least-outside-path-set', name, path, message);
      }
      const demands = this.withAnyOf(name, path, requirement, alsoRequires);
      const found = (typeof properties === 'string' ? [] : openingSchemes).map((scheme) => ({
        permission: name,
        scheme,
        requirement: this.waysFor(name, path, scheme, demands),
        isLeast: least.includes(scheme),
        privilegeLevel: levelOf(permission, scheme),
        parameters: template.parameters,
      }));
      for (const method of methods) {
        const openings = this.openingsOf(path, template, method);
        for (const opening of found) this.open(openings, path, method, opening);
      }
    }
  }

  private requirementOfSet(name: string, { alsoRequires }: PathSet): Requirement {
    if (alsoRequires === undefined) return nothingElse;
    const requirement = readRequirement(alsoRequires);
    if (typeof requirement !== 'string') return requirement;
    const message = `${name}: alsoRequires '${alsoRequires}': ${requirement}. The path set opens nothing.`;
    this.report('unreadable', name, undefined, message);
    return closed;
  }

  private schemesOf(name: string, permission: DocumentPermission, { schemeKeys }: PathSet): readonly Scheme[] {
    const known: Scheme[] = [];
    for (const scheme of new Set(schemeKeys)) {
      if (isScheme(scheme) && Object.hasOwn(permission.schemes, scheme)) known.push(scheme);
      else {
        const message = `${name}: a path set names the scheme ${scheme}, which the permission does not have.`;
        this.report('unknown-scheme', name, undefined, message);
      }
    }
    return known;
  }

  private methodsOf(name: string, { methods }: PathSet): ReadonlySet<string> {
    const known = new Set<string>();
    for (const written of methods.flatMap((each) => each.split(','))) {
      const method = written.trim();
      const meant = methodGroups[method] ?? (knownMethods.includes(method) ? [method] : []);
      if (meant.length === 0)
        this.report(
          'unknown-method',
          name,
          undefined,
          `${name}: a path set names the method '${method}', which is none.`,
        );
      for (const each of meant) known.add(each);
    }
    return known;
  }

  private templateOf(path: string): PathTemplate | string {
    const template = this.templates.get(path) ?? readTemplate(path);
    this.templates.set(path, template);
    return template;
  }

  private openingsOf(path: string, template: PathTemplate, method: string): Opening[] {
    const known = this.paths.get(template.key) ?? { path, template, operations: new Map<string, Opening[]>() };
    this.paths.set(template.key, known);
    const openings = known.operations.get(method) ?? [];
    known.operations.set(method, openings);
    return openings;
  }

  private withAnyOf(name: string, path: string, requirement: Requirement, names: readonly string[]): Requirement {
    if (names.length === 0) return requirement;
    try {
      return both(
        requirement,
        names.map((each) => [each]),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.report('unreadable', name, path, `${name} ${path}: AlsoRequires: ${error.message}. It opens nothing.`);
      return closed;
    }
  }

  /** Those ways of meeting a requirement that callers of a scheme can go. */
  private waysFor(name: string, path: string, scheme: Scheme, requirement: Requirement): Requirement {
    if (requirement === nothingElse) return requirement;
    const impossible = new Map<string, string>();
    for (const each of new Set(requirement.flat())) {
      const why = this.whyNotHeld(each, scheme);
      if (why !== undefined) impossible.set(each, why);
    }
    if (impossible.size === 0) return requirement;
    const why = [...impossible].map(([each, reason]) => `${each} ${reason}`).join(', ');
    this.report('also-requires', name, path, `${name} ${path}: AlsoRequires: ${why}. That way is closed to ${scheme}.`);
    return requirement.filter((way) => !way.some((each) => impossible.has(each)));
  }

  private whyNotHeld(name: string, scheme: Scheme): string | undefined {
    const { permissions } = this.document;
    const permission = Object.hasOwn(permissions, name) ? permissions[name] : undefined;
    if (permission === undefined) return 'is not in the document';
    if (!Object.hasOwn(permission.schemes, scheme)) return `cannot be held by ${scheme}`;
    if ((permission.authorizationType ?? 'oAuth2') !== 'oAuth2') return 'cannot be proven by a token';
    return isNarrowName(name) ? 'needs a rule of its own, and can only be the first' : undefined;
  }

  private open(openings: Opening[], path: string, method: string, opening: Opening): void {
    const { permission, scheme } = opening;
    const place = openings.findIndex((each) => each.permission === permission && each.scheme === scheme);
    const before = openings[place];
    if (before === undefined) {
      openings.push(opening);
      return;
    }
    const isLeast = before.isLeast || opening.isLeast;
    const isSame = requirementKey(before.requirement) === requirementKey(opening.requirement);
    openings[place] = { ...before, isLeast, requirement: isSame ? before.requirement : closed };
    if (isSame) return;
    const message = `${permission} ${path}: two path sets demand different things for ${method} by ${scheme}. It is not opened.`;
    this.report('contradiction', permission, path, message);
  }

  private report(code: DocumentFinding['code'], permission: string, path: string | undefined, message: string): void {
    this.findings.push({ code, permissions: [permission], path, message });
  }
}

function levelOf(permission: DocumentPermission, scheme: Scheme): number {
  return (
    (permission.schemes as Partial<Record<Scheme, DocumentScheme>>)[scheme]?.privilegeLevel ?? Number.POSITIVE_INFINITY
  );
}

function leastPrivilegeFindings(paths: ReadonlyMap<string, DocumentPath>): DocumentFinding[] {
  const findings: DocumentFinding[] = [];
  for (const { path, operations } of paths.values()) {
    for (const [method, openings] of operations) {
      for (const scheme of schemes) {
        let [count, leastCount] = [0, 0];
        for (const opening of openings) {
          if (opening.scheme !== scheme) continue;
          count++;
          if (opening.isLeast) leastCount++;
        }
        if (count === 0 || leastCount === 1) continue;
        const open = openings.filter((each) => each.scheme === scheme);
        const least = open.filter(({ isLeast }) => isLeast);
        const concerned = (least.length === 0 ? open : least).map(({ permission }) => permission);
        findings.push({
          code: least.length === 0 ? 'no-least' : 'several-least',
          permissions: concerned,
          path,
          message: `${method} ${path}: ${least.length === 0 ? 'none' : 'more than one'} of ${concerned.join(', ')} is said to be the least privileged one for ${scheme}.`,
        });
      }
    }
  }
  return findings;
}
