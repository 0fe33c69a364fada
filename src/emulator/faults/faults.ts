/** What an authority can do wrong while it is asked. Keys and time have their own: `keys.rollOver`, `keys.withdraw`, `clock.setAhead`. */
export type Fault =
  | {
      readonly kind: 'outage';
      /** Answers with this status; `refused`: drops every connection before it says anything. */
      readonly as: 500 | 503 | 'refused';
    }
  /** Answers 200 with a web page, as a proxy or a sign-in page in the way does. */
  | { readonly kind: 'html' }
  /** Answers as always, but only after so many seconds. */
  | { readonly kind: 'slow'; readonly seconds: number };

/** What a local Entra does wrong, at every address, until it is told to stop. State: the fault, and when it ends by itself. */
export class Faults {
  #current: Fault | undefined;
  #endsAt = Number.POSITIVE_INFINITY;

  /** Undefined: all is well. */
  get current(): Fault | undefined {
    if (performance.now() >= this.#endsAt) {
      this.end();
    }
    return this.#current;
  }

  /**
   * Replaces the fault that there is.
   *
   * @param duration after so many seconds all is well again; left out: after `end()`
   */
  begin(fault: Fault, duration: { readonly seconds?: number | undefined } = {}): void {
    this.#current = Object.freeze({ ...fault });
    this.#endsAt = performance.now() + (duration.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  }

  end(): void {
    this.#current = undefined;
    this.#endsAt = Number.POSITIVE_INFINITY;
  }
}

/** What Entra says of a trouble of its own. */
export const transientError = {
  error: 'temporarily_unavailable',
  error_description: 'AADSTS90033: A transient error has occurred. Please try again.',
  error_codes: [90033],
};

export const webPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head><body></body></html>\n';
