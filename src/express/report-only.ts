import { ConfigurationError } from '../errors/index.js';
import type { RefusalMessage } from './messages.js';

/** `reportOnly` of `authenticate`. */
export interface ReportOnlyOptions {
  /** The last day, in UTC, written as `'2027-01-31'`: at most 366 days ahead. From the day after it the app does not start. */
  readonly until: string;
}

/** Requests that would have been refused alike. */
export interface WouldBeRefusal extends Pick<RefusalMessage, 'method' | 'route' | 'code'> {
  /** Of a caller whose token is good; undefined otherwise. */
  readonly clientId: string | undefined;
  readonly count: number;
}

/** What `reportOnly` has let through since the process started. */
export interface WouldBeRefusals {
  /** The last day. */
  readonly until: string;
  /** Most frequent first; at most 1,000 of them. */
  readonly refusals: readonly WouldBeRefusal[];
  /** Requests that are in none of these, because there were 1,000 already. */
  readonly unlisted: number;
}

const day = 24 * 3_600_000;
const maxDays = 366;
const maxRows = 1_000;

/** State: the day it ends, and at most 1,000 counters. */
export class ReportOnly {
  readonly until: string;
  private readonly end: number;
  private readonly rows = new Map<string, { -readonly [K in keyof WouldBeRefusal]: WouldBeRefusal[K] }>();
  private unlisted = 0;

  /** @throws ConfigurationError where the day is none, has passed, or is too far away */
  constructor(options: ReportOnlyOptions) {
    const { until, ...rest } = Object(options) as { until?: unknown };
    if (typeof until !== 'string' || !isDay(until) || Object.keys(rest).length > 0) {
      throw new ConfigurationError(
        "authenticate: reportOnly takes the last day on which nothing is refused, as { until: '2027-01-31' } (UTC).",
      );
    }
    this.until = until;
    this.end = Date.parse(until) + day;
    if (this.isOver) {
      throw new ConfigurationError(
        `authenticate: reportOnly ended on ${until}. Remove it, so that routes are protected; or give it a later day, if they must stay open.`,
      );
    }
    if (this.end > Date.now() + maxDays * day) {
      throw new ConfigurationError(
        `authenticate: reportOnly may last ${maxDays} days, and ${until} is further away. Choose an earlier day.`,
      );
    }
  }

  get isOver(): boolean {
    return Date.now() >= this.end;
  }

  count(row: Omit<WouldBeRefusal, 'count'>): void {
    const name = JSON.stringify([row.method, row.route, row.code, row.clientId]);
    const known = this.rows.get(name);
    if (known !== undefined) known.count++;
    else if (this.rows.size < maxRows) this.rows.set(name, { ...row, count: 1 });
    else this.unlisted++;
  }

  report(): WouldBeRefusals {
    const refusals = [...this.rows.values()].map((row) => ({ ...row })).sort((a, b) => b.count - a.count);
    return { until: this.until, refusals, unlisted: this.unlisted };
  }
}

function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === `${text}T00:00:00.000Z`;
}
