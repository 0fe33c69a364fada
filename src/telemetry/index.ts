export type { Attributes, Counter, Gauge, GaugeCallback, InstrumentOptions, Meter } from './meter.js';
export { type ObserveOptions, observe } from './observe.js';
