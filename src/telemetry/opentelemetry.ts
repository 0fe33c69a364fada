import { ConfigurationError } from '../errors/index.js';
import type { Attributes, Meter } from './meter.js';

/** What is used of `@opentelemetry/api`. */
export interface OpenTelemetry {
  readonly metrics: { getMeter(name: string): Meter };
  readonly trace: { getActiveSpan(): { setAttributes(attributes: Attributes): unknown } | undefined };
}

/** @throws ConfigurationError where the optional peer is not installed */
export async function openTelemetry(): Promise<OpenTelemetry> {
  try {
    return await import('@opentelemetry/api');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigurationError(
      'observe: @opentelemetry/api is not installed, and measurements are handed to it: npm install @opentelemetry/api',
    );
  }
}

function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String((error as { code?: unknown } | null)?.code));
}
