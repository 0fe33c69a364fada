import type { MatrixCaller } from './matrix-callers.js';
import type { MatrixRow } from './permission-matrix.js';

interface Entry {
  readonly row: MatrixRow;
  readonly caller: MatrixCaller;
}

type Line = readonly [text: string, outcome: string, anothers: string];

/** Columns are at least this wide, so that blocks mostly line up, and a change in one leaves the others as they are. */
const minWidths = [64, 32] as const;

/** One block for each route; in it one line for callers of a kind who fare alike, those who are let in first. */
export function table(entries: readonly Entry[]): string {
  return [...groupBy(entries, ({ row }) => row.route)].map(([route, of]) => block(route, of)).join('\n');
}

function block(route: string, entries: readonly Entry[]): string {
  const isAboutRecords = entries.some(({ row }) => row.anothers !== undefined);
  const lines: readonly Line[] = [
    [route, isAboutRecords ? 'its own' : '', isAboutRecords ? "another's" : ''],
    ...linesOf(entries).map(([text, ...outcomes]): Line => [`  ${text}`, ...outcomes]),
  ];
  const width = (column: 0 | 1) => Math.max(minWidths[column], ...lines.map((line) => line[column].length + 2));
  const [first, second] = [width(0), width(1)];
  return lines
    .map(([text, outcome, anothers]) => `${text.padEnd(first)}${outcome.padEnd(second)}${anothers}`.trimEnd())
    .join('\n');
}

function linesOf(entries: readonly Entry[]): readonly Line[] {
  if (new Set(entries.map(outcomesOf)).size === 1) return [line('everyone', entries)];
  const lines = [...groupBy(entries, ({ caller }) => caller.kind)].flatMap(([kind, ofKind]) => {
    const groups = [...groupBy(ofKind, outcomesOf).values()];
    return groups.map((group) => line(nameOf(kind, group, groups.length === 1), group));
  });
  const isLetIn = ([, ...outcomes]: Line) => outcomes.some((each) => /^[123]/.test(each));
  return [...lines.filter(isLetIn), ...lines.filter((each) => !isLetIn(each))];
}

function nameOf(kind: MatrixCaller['kind'], group: readonly Entry[], isWhole: boolean): string {
  const names = group.filter(({ caller }) => !caller.isOther).map(({ caller }) => caller.name);
  if (kind === 'anonymous') return names.join();
  if (kind === 'stranger') return isWhole ? 'another tenant, with everything' : names.join('; ');
  if (!group.some(({ caller }) => caller.isOther)) return `${kind}: ${names.join(', ')}`;
  const which = isWhole ? 'any' : 'any other';
  return kind === 'application'
    ? `application: ${which} app role, or none`
    : `user: ${which} scope, or user roles named like app roles`;
}

/** Who owns nothing has one outcome only. */
function line(text: string, [first]: readonly Entry[]): Line {
  const { outcome = '', anothers = '' } = first?.row ?? {};
  return outcome === '' ? [text, anothers, ''] : [text, outcome, anothers];
}

const outcomesOf = ({ row }: Entry) => `${row.outcome}\n${row.anothers ?? ''}`;

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
