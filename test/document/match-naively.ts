import type { PathTemplate } from '../../src/document/path-template.js';

const order = ['literal', 'call', 'colon', 'parameter'] as const;

interface Segment {
  readonly kind: (typeof order)[number];
  readonly key: string;
}

/**
 * Tries every template, and takes the most specific one: slow, and written without the code that it is compared with. `ambiguous`: read in
 * another way, a segment on the way would have led elsewhere.
 */
export function matchNaively(
  templates: readonly PathTemplate[],
  url: string,
): { found: string; values: readonly string[] } | 'ambiguous' | undefined {
  const path = (url === '/' ? [] : url.slice(1).split('/')) as readonly string[];
  if (path.some((raw) => raw.startsWith(';') || raw === '')) return undefined;
  const matching = templates
    .filter(({ segments }) => segments.length === path.length && segments.every((each, i) => fits(each, path[i] ?? '')))
    .sort((one, other) => compare(one.segments, other.segments));
  const [best] = matching;
  // Whatever begins as the search does, up to where it stops: everything that is at least as specific as what is found.
  for (const { segments } of templates) {
    for (const [depth, raw] of path.entries()) {
      const segment = segments[depth];
      const isOnTheWay = segments.slice(0, depth).every((each, i) => fits(each, path[i] ?? ''));
      const isReached = best === undefined || compareHead(segments, best.segments, depth) <= 0;
      if (segment === undefined || !isOnTheWay || !isReached) continue;
      const plain = decodeURIComponent(raw).split(';')[0] ?? '';
      if (plain !== raw && fits(segment, plain) && !fits(segment, raw)) return 'ambiguous';
    }
  }
  if (best === undefined) return undefined;
  return { found: best.key, values: best.segments.flatMap((each, i) => valuesOf(each, path[i] ?? '')) };
}

function compare(one: readonly Segment[], other: readonly Segment[]): number {
  return compareHead(one, other, one.length);
}

function compareHead(one: readonly Segment[], other: readonly Segment[], length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = order.indexOf(one[i]?.kind ?? 'parameter') - order.indexOf(other[i]?.kind ?? 'parameter');
    if (difference !== 0) return difference;
  }
  return 0;
}

function fits({ kind, key }: Segment, raw: string): boolean {
  if (kind === 'literal') return raw.toLowerCase() === key;
  if (kind === 'parameter') return raw !== '';
  if (kind === 'colon') return /.:$/.test(raw);
  return callExpression(key).test(raw.replaceAll('%27', "'"));
}

function valuesOf({ kind, key }: Segment, raw: string): readonly string[] {
  if (kind === 'literal') return [];
  if (kind === 'parameter') return [decodeURIComponent(raw)];
  if (kind === 'colon') return [decodeURIComponent(raw).slice(0, -1)];
  const [, ...values] = callExpression(key).exec(raw.replaceAll('%27', "'")) ?? [];
  return values.map((value) => decodeURIComponent(value.replace(/^'(.*)'$/, '$1').replaceAll("''", "'")));
}

/** `a(x={},y={})` as an expression; a value is in quotes, in which quotes are doubled, or has no sign of its own. */
function callExpression(key: string): RegExp {
  const fixed = key.split('{}').map((text) => text.replaceAll(/[$().]/g, '\\$&'));
  return new RegExp(`^${fixed.join("('(?:[^']|'')+'|[^'(),=]+)")}$`, 'i');
}
