import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ConfigurationError } from '../errors/index.js';
import { channels, type DecisionMessage, type RefusalMessage } from '../express/index.js';
import { type RevocationMessage, revocationsChannel } from '../revocation/index.js';
import type { KeyHealth, KeyMessage, KeySetHealth } from '../token/index.js';
import { keyEvent, keySet, measured, traced } from './attributes.js';
import type { Gauge, GaugeCallback, Meter } from './meter.js';
import { openTelemetry } from './opentelemetry.js';

/** Options of `observe`. */
export interface ObserveOptions {
  /** What makes the instruments. `metrics.getMeter('express-app-roles')` of `@opentelemetry/api` by default. */
  readonly meter?: Meter;
  /** `health` of what `authenticate` returned: the age and number of its keys are measured. Without it they are not. */
  readonly health?: () => KeyHealth;
  /**
   * Whether measurements and spans name the client of a good token. Each client then has time series of its own: as many as
   * the tenants admitted have clients. False by default.
   */
  readonly clientIds?: boolean;
}

const optionNames: readonly string[] = ['meter', 'health', 'clientIds'] satisfies (keyof ObserveOptions)[];

/**
 * Hands every decision of this process to OpenTelemetry, until the function that it returns is called. To be called once, at
 * start, after the SDK has been registered: an instrument that was made before stays silent.
 *
 * | instrument | unit | attributes |
 * | --- | --- | --- |
 * | counter `express_app_roles.decisions` | `{decision}` | `http.request.method`, `http.route`, `express_app_roles.outcome` (`granted`, `refused`, `report-only`), `.grant`, `.refusal.code`, `.caller.kind`; `.client.id` with `clientIds` |
 * | counter `express_app_roles.keys.events` | `{event}` | `express_app_roles.keys.event`, `.keys.tenant`, `.keys.version` |
 * | counter `express_app_roles.revocations.events` | `{event}` | `express_app_roles.revocations.event` |
 * | gauge `express_app_roles.keys.age` | `s` | `express_app_roles.keys.tenant`, `.keys.version`: since the keys were last fetched |
 * | gauge `express_app_roles.keys.usable` | `{key}` | `express_app_roles.keys.tenant`, `.keys.version` |
 *
 * A decision is one `allow`, or a refusal before one; a public route has none. No span is made: the one that is active while the
 * request is decided, such as that of the HTTP instrumentation, gets the same attributes of the last decision, and of a refusal
 * `.refusal.detail` and `.refusal.grants`. Neither holds a token, its id, a key id, or an object id: whose request it was cannot
 * be told from them.
 *
 * ```ts
 * const stop = await observe({ health: auth.health });
 * ```
 *
 * @returns stops it, and leaves what was counted as it is
 * @throws ConfigurationError where an option is wrong, or `@opentelemetry/api` (an optional peer) is not installed
 */
export async function observe(options: ObserveOptions = {}): Promise<() => void> {
  checkOptions(options);
  const { metrics, trace } = await openTelemetry();
  const { meter = metrics.getMeter('express-app-roles'), health, clientIds = false } = options;
  const decisions = meter.createCounter('express_app_roles.decisions', {
    unit: '{decision}',
    description: 'Requests that were admitted or refused, by route and grant.',
  });
  const keyEvents = meter.createCounter('express_app_roles.keys.events', {
    unit: '{event}',
    description: "What happened to the authority's signing keys.",
  });

  const revocationEvents = meter.createCounter('express_app_roles.revocations.events', {
    unit: '{event}',
    description: 'What happened to the list of revocations.',
  });

  const onDecision = (message: unknown) => {
    const decided = message as DecisionMessage | RefusalMessage;
    decisions.add(1, measured(decided, clientIds));
    trace.getActiveSpan()?.setAttributes(traced(decided, clientIds));
  };
  const onKeys = (message: unknown) => keyEvents.add(1, keyEvent(message as KeyMessage));
  const onRevocation = (message: unknown) => {
    const { event } = message as RevocationMessage;
    revocationEvents.add(1, { 'express_app_roles.revocations.event': event });
  };
  const listeners = [
    [channels.decision, onDecision],
    [channels.refusal, onDecision],
    [channels.keys, onKeys],
    [revocationsChannel, onRevocation],
  ] as const;
  for (const [name, listener] of listeners) subscribe(name, listener);
  const stopGauges = health === undefined ? [] : gaugesOf(meter, health);

  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
    for (const stop of stopGauges) stop();
  };
}

/** @returns what ends each of them */
function gaugesOf(meter: Meter, health: () => KeyHealth): (() => void)[] {
  const age = meter.createObservableGauge('express_app_roles.keys.age', {
    unit: 's',
    description: 'Time since the signing keys were last fetched.',
  });
  const usable = meter.createObservableGauge('express_app_roles.keys.usable', {
    unit: '{key}',
    description: 'Signing keys with which tokens can be verified.',
  });
  const follow = (gauge: Gauge, read: (keys: KeySetHealth) => number | undefined) => {
    const callback: GaugeCallback = (result) => {
      for (const keys of health().keySets) {
        const value = read(keys);
        if (value !== undefined) result.observe(value, keySet(keys));
      }
    };
    gauge.addCallback(callback);
    return () => gauge.removeCallback(callback);
  };
  return [follow(age, (keys) => keys.age), follow(usable, ({ keys }) => keys)];
}

/** For those who write JavaScript: what the types say. */
function checkOptions({ meter, health, clientIds, ...rest }: ObserveOptions): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new ConfigurationError(`observe: '${unknown}' is not an option. The options are ${optionNames.join(', ')}.`);
  }
  if (meter !== undefined && typeof meter?.createCounter !== 'function') {
    throw new ConfigurationError("observe: meter must be a Meter of OpenTelemetry: metrics.getMeter('…').");
  }
  if (health !== undefined && typeof health !== 'function') {
    throw new ConfigurationError('observe: health must be a function: the health of what authenticate returned.');
  }
  if (clientIds !== undefined && typeof clientIds !== 'boolean') {
    throw new ConfigurationError('observe: clientIds must be true or false.');
  }
}
