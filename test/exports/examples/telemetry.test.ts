import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import { allow, authenticate, problemDetails } from 'express-app-roles';
import { observe } from 'express-app-roles/telemetry';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { permissions } from './mailboxes.js';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const provider = new MeterProvider({ readers: [reader] });
beforeAll(() => void metrics.setGlobalMeterProvider(provider));
afterAll(async () => {
  metrics.disable();
  await provider.shutdown();
});

it('observe', async () => {
  const entra = createTestEntra({ permissions });
  const { tenant, clientId } = entra;
  const auth = authenticate({ tenant, clientId, permissions, testAuthority: entra });
  const stop = await observe({ health: auth.health });
  const app = express();
  app.use(auth);
  app.get('/mail', allow(permissions.application('Mail.Send')), (_req, res) => res.json([]));
  app.use(problemDetails());
  await request(app).get('/mail').set(entra.asApplication('Mail.Send')).expect(200);
  await reader.forceFlush();
  stop();
  const { scopeMetrics } = exporter.getMetrics().at(-1) ?? {};
  expect(scopeMetrics?.map(({ scope }) => scope.name)).toEqual(['express-app-roles']);
  const seen = scopeMetrics?.flatMap((each) => each.metrics.map(({ descriptor }) => descriptor.name));
  expect(seen).toEqual(
    expect.arrayContaining([
      'express_app_roles.decisions',
      'express_app_roles.keys.age',
      'express_app_roles.keys.usable',
    ]),
  );
});
