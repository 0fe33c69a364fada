import type { Revocation } from './revocation.js';

/** What is revoked of one client, tenant or other subject. */
interface Mark {
  /** Tokens issued earlier than this second are refused. */
  before: number;
  readonly revocations: Set<Revocation>;
}

/** The revoked subjects of one kind. State: for each key its revocations, and the latest second that they reach to. */
export class RevokedKeys {
  private readonly marks = new Map<string, Mark>();

  get isEmpty(): boolean {
    return this.marks.size === 0;
  }

  isRevoked(key: string, issuedAt: number): boolean {
    // To look for text that was not looked for before costs, even where there is nothing to find.
    if (this.marks.size === 0) return false;
    const mark = this.marks.get(key);
    return mark !== undefined && issuedAt < mark.before;
  }

  add(key: string, revocation: Revocation): void {
    const mark = this.marks.get(key) ?? { before: 0, revocations: new Set() };
    mark.revocations.add(revocation);
    mark.before = Math.max(mark.before, endOf(revocation));
    this.marks.set(key, mark);
  }

  delete(key: string, revocation: Revocation): void {
    const mark = this.marks.get(key);
    if (!mark?.revocations.delete(revocation)) return;
    if (mark.revocations.size === 0) this.marks.delete(key);
    else if (endOf(revocation) === mark.before) mark.before = latest(mark.revocations);
  }
}

function latest(revocations: Iterable<Revocation>): number {
  let before = 0;
  for (const revocation of revocations) before = Math.max(before, endOf(revocation));
  return before;
}

/** `iat` has a resolution of a second: the whole of the last one counts. A single token is refused whenever it was issued. */
function endOf({ issuedBefore }: Revocation): number {
  return issuedBefore === undefined ? Number.POSITIVE_INFINITY : issuedBefore + 1;
}
