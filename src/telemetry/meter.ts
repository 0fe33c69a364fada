/** What is needed of a `Meter` of `@opentelemetry/api`, written down here so that these types do not need it installed. */
export interface Meter {
  createCounter(name: string, options: InstrumentOptions): Counter;
  createObservableGauge(name: string, options: InstrumentOptions): Gauge;
}

export interface InstrumentOptions {
  readonly unit: string;
  readonly description: string;
}

export type Attributes = Record<string, string | string[]>;

export interface Counter {
  add(value: number, attributes: Attributes): void;
}

export type GaugeCallback = (result: { observe(value: number, attributes: Attributes): void }) => void;

export interface Gauge {
  addCallback(callback: GaugeCallback): void;
  removeCallback(callback: GaugeCallback): void;
}
