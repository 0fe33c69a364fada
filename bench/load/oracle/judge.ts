import type { Token } from '../actors.js';
import type { Outage, Periods } from './periods.js';

/** A request, and what is right. */
export interface Asked {
  /** What it is called in the report. */
  readonly name: string;
  /** The only right answers, whatever happens: but see `needs`. */
  readonly right: readonly number[];
  /** While one of these is away, 503 with `Retry-After` is right as well. */
  readonly needs: readonly Outage[];
  readonly method?: string;
  readonly path: string;
  readonly token?: Token | undefined;
  readonly body?: unknown;
}

export interface Answer {
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly body: unknown;
  readonly retryAfter: number | undefined;
  readonly from: number;
  readonly to: number;
  /** A refusal for the outage of what was needed. */
  readonly isExcused: boolean;
}

export interface Tally {
  answers: number;
  excused: number;
  /** Milliseconds of those that were right. */
  readonly durations: number[];
}

const patience = 20_000;

/** Asks, and holds each answer against what is right. State: the tallies by name, and what was wrong. */
export class Judge {
  readonly tallies = new Map<string, Tally>();
  readonly violations: string[] = [];
  readonly #origin: string;
  readonly #periods: Periods;

  constructor(origin: string, periods: Periods) {
    this.#origin = origin;
    this.#periods = periods;
  }

  async ask(asked: Asked): Promise<Answer> {
    const from = performance.now();
    const given = await this.#send(asked).catch((error: Error) => String(error.cause ?? error));
    const to = performance.now();
    const answer = typeof given === 'string' ? { status: undefined, body: undefined, retryAfter: undefined } : given;
    const isExcused = answer.status === 503 && Number(answer.retryAfter) > 0 && this.#isAway(asked, from, to);
    const isRight = answer.status !== undefined && asked.right.includes(answer.status);
    if (!isRight && !isExcused) {
      const got = typeof given === 'string' ? `no answer (${given})` : `${given.status} ${JSON.stringify(given.body)}`;
      this.wrong(`${asked.name}: ${got} after ${Math.round(to - from)} ms instead of ${asked.right.join(' or ')}`);
    }
    const tally = this.tallies.get(asked.name) ?? { answers: 0, excused: 0, durations: [] };
    this.tallies.set(asked.name, tally);
    tally.answers++;
    if (isExcused) {
      tally.excused++;
    } else {
      tally.durations.push(to - from);
    }
    return { ...answer, from, to, isExcused };
  }

  wrong(what: string): void {
    const second = Math.round(performance.now() / 1_000);
    this.violations.push(`at ${second} s: ${what}`);
    if (this.violations.length <= 20) {
      console.error(`WRONG at ${second} s: ${what}`);
    }
  }

  async #send({ method = 'GET', path, token, body }: Asked) {
    const response = await fetch(`${this.#origin}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token.value}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const after = response.headers.get('retry-after');
    return {
      status: response.status,
      body: isJson ? (JSON.parse(text) as unknown) : text,
      retryAfter: after === null ? undefined : Number(after),
    };
  }

  /** A token whose key the instances know already needs no authority. */
  #isAway({ needs, token }: Asked, from: number, to: number): boolean {
    const outages: Outage[] = [...needs];
    const isNewKey = token !== undefined && this.#periods.meets('authority', token.keySince, token.keySince);
    if (isNewKey) {
      outages.push('authority');
    }
    return outages.some((outage) => this.#periods.meets(outage, from, to));
  }
}
