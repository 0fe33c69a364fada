import { readFileSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import { allow, authenticate, definePermissions } from 'express-app-roles';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, it } from 'vitest';
import { startObserving } from './operating.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../docs/operating.md');

it('the page shows exactly operating.ts, and commands that there are', () => {
  expect(page.match(/^```ts$/gm)).toHaveLength(1);
  expect(page).toContain(`\`\`\`ts\n${read('operating.ts')}\`\`\``);
  const scripts = {
    ...JSON.parse(read('../../package.json')).scripts,
    ...JSON.parse(read('../../bench/package.json')).scripts,
  };
  const commands = [...page.matchAll(/npm (?:--prefix bench )?run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(commands).toEqual(expect.arrayContaining(['cluster', 'load', 'load:short']));
  for (const command of commands) expect(scripts).toHaveProperty([command]);
});

it('what it shows hands everything that the page names to the SDK that was registered', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const permissions = definePermissions({
    'Order.Read': { application: { displayName: 'Read orders', description: 'Lets the app read orders.' } },
  });
  const entra = createTestEntra({ permissions });
  const { tenant, clientId } = entra;
  const auth = authenticate({ tenant, clientId, permissions, testAuthority: entra });
  const stop = await startObserving(auth);
  try {
    await auth.ready();
    const app = express();
    app.use(auth);
    app.get('/orders', allow(permissions.application('Order.Read')), (_req, res) => void res.json([]));
    await request(app).get('/orders').set(entra.asApplication('Order.Read')).expect(200);
    await reader.forceFlush();
    const exported = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
    const names = exported.map(({ descriptor }) => descriptor.name);
    expect(names).toEqual(expect.arrayContaining(['express_app_roles.decisions', 'express_app_roles.keys.age']));
    for (const name of names) expect(page).toContain(`\`${name}\``);
    for (const { dataPoints } of exported) {
      for (const attribute of dataPoints.flatMap(({ attributes }) => Object.keys(attributes))) {
        expect(page).toContain(attribute.replace('express_app_roles', ''));
      }
    }
  } finally {
    stop();
    metrics.disable();
  }
});
