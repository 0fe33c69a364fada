/** What is away for a time, on purpose. */
export type Outage = 'database' | 'authority' | 'revocation store';

interface Period {
  readonly outage: Outage;
  readonly from: number;
  to: number;
}

/** When what was away, in milliseconds of `performance.now()`. */
export class Periods {
  readonly all: Period[] = [];

  /** @returns ends it, so many seconds after the call: what was away may take a moment to be noticed as there again */
  begin(outage: Outage): (afterSeconds: number) => void {
    const period: Period = { outage, from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.all.push(period);
    return (afterSeconds) => {
      period.to = performance.now() + afterSeconds * 1_000;
    };
  }

  /** Whether something was away at any moment of a span. */
  meets(outage: Outage, from: number, to: number): boolean {
    return this.all.some((period) => period.outage === outage && period.from <= to && from <= period.to);
  }
}
