import type { PathTemplate, TemplateSegment } from './path-template.js';
import { type RequestSegment, readCall } from './request-path.js';

/** A template that matched, and the values of its parameters in the order of the path. */
export interface PathMatch<T> {
  readonly found: T;
  readonly values: readonly string[];
}

/**
 * Templates by their segments, so that finding one takes as long as the path is deep, however many there are.
 *
 * Of the templates that match a path the one is found that is most specific where they first differ: a literal before a call,
 * a call before `{parameter}:`, that before `{parameter}`. Case does not count. Written before any request, and only read
 * afterwards.
 */
export class PathTree<T> {
  private readonly root = new PathNode<T>();

  /** @param create what belongs to the template, where no other spelling of it was there */
  add({ segments }: PathTemplate, create: () => T): T {
    let node = this.root;
    for (const segment of segments) node = node.childFor(segment);
    node.found ??= create();
    return node.found;
  }

  /** Undefined: none matches, or it cannot be told for certain which. */
  match(path: readonly RequestSegment[]): PathMatch<T> | undefined {
    const values: string[] = [];
    const found = search(this.root, path, 0, values);
    return found === undefined || found === ambiguous ? undefined : { found, values };
  }
}

class PathNode<T> {
  found: T | undefined = undefined;
  colon: PathNode<T> | undefined = undefined;
  parameter: PathNode<T> | undefined = undefined;
  literal: Map<string, PathNode<T>> | undefined = undefined;
  call: Map<string, PathNode<T>> | undefined = undefined;

  childFor({ kind, key }: TemplateSegment): PathNode<T> {
    if (kind === 'colon' || kind === 'parameter') {
      this[kind] ??= new PathNode();
      return this[kind];
    }
    this[kind] ??= new Map();
    const child = this[kind].get(key) ?? new PathNode();
    this[kind].set(key, child);
    return child;
  }
}

const ambiguous = Symbol('ambiguous');

/** @param values of the parameters on the way so far; where something is found, of all */
function search<T>(
  node: PathNode<T>,
  path: readonly RequestSegment[],
  depth: number,
  values: string[],
): T | typeof ambiguous | undefined {
  const segment = path[depth];
  if (segment === undefined) return node.found;
  if (isAmbiguous(node, segment)) return ambiguous;
  for (const step of stepsFrom(node, segment)) {
    const before = values.length;
    if (step.value !== undefined) values.push(step.value);
    else if (step.values !== undefined) values.push(...step.values);
    const found = search(step.node, path, depth + 1, values);
    if (found !== undefined) return found;
    values.length = before;
  }
  return undefined;
}

interface Step<T> {
  readonly node: PathNode<T>;
  readonly value?: string;
  readonly values?: readonly string[];
}

/** Most specific first. */
function stepsFrom<T>(node: PathNode<T>, { raw, decoded }: RequestSegment): readonly Step<T>[] {
  const steps: Step<T>[] = [];
  const literal = node.literal?.get(raw.toLowerCase());
  if (literal !== undefined) steps.push({ node: literal });
  const call = node.call && readCall(raw);
  const called = call && node.call?.get(call.key);
  if (called !== undefined) steps.push({ node: called, values: call?.values ?? [] });
  if (node.colon !== undefined && raw.endsWith(':') && raw !== ':')
    steps.push({ node: node.colon, value: decoded.slice(0, -1) });
  if (node.parameter !== undefined) steps.push({ node: node.parameter, value: decoded });
  return steps;
}

/**
 * Whether a reader who decodes before routing, or who leaves out what follows a semicolon, would go another way: `%61dmin` and
 * `admin;x` are parameters to Express, and may be `admin` to what stands behind it.
 */
function isAmbiguous<T>(node: PathNode<T>, segment: RequestSegment): boolean {
  const { plain } = segment;
  if (plain === segment.raw) return false;
  const own = stepsFrom(node, segment).map((step) => step.node);
  return stepsFrom(node, { raw: plain, decoded: plain, plain }).some((step) => !own.includes(step.node));
}
