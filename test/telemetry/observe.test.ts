import { context, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import express from 'express';
import { allow, authenticate, problemDetails, publicRoute } from 'express-app-roles';
import { memoryRevocations, revocations } from 'express-app-roles/revocation';
import { type ObserveOptions, observe } from 'express-app-roles/telemetry';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { permissions } from '../express/api.js';
import { AsyncLocalContext } from './async-local-context.js';

const { delegated, application } = permissions;
const entra = createTestEntra({ permissions });
const { tenant, clientId } = entra;
const ada = entra.user('Ada');
const script = entra.client('script');

const spans = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer('test');

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalContext());
  return () => context.disable();
});

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  spans.reset();
});

function api(options: { reportOnly?: boolean } = {}) {
  const reportOnly = { until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10) };
  const auth = authenticate({
    tenant,
    clientId,
    permissions,
    testAuthority: entra,
    ...(options.reportOnly && { reportOnly }),
  });
  const app = express();
  // As the instrumentation of HTTP does: the span is active while the request is answered.
  app.use((_req, _res, next) => {
    const span = tracer.startSpan('request');
    context.with(trace.setSpan(context.active(), span), next);
    span.end();
  });
  app.use((_req, res, next) => {
    const span = tracer.startSpan('handling');
    res.on('finish', () => span.end());
    context.with(trace.setSpan(context.active(), span), next);
  });
  app.use(auth);
  app.get('/health', publicRoute(), (_req, res) => void res.json({}));
  app.get('/mail/:id', allow(delegated('Mail.Read').onAnyRecord(), application('Mail.Read')), (_req, res) => {
    res.json({});
  });
  app.use(problemDetails());
  return { app, auth };
}

/** Observes with a meter of the real SDK, and reads what it would have exported. */
async function measuring(options: Omit<ObserveOptions, 'meter'> = {}) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const stop = await observe({ meter, ...options });
  stops.push(stop);
  return {
    stop,
    async points(name: string) {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
      const found = metrics.find(({ descriptor }) => descriptor.name === name);
      return (found?.dataPoints ?? []).map(({ attributes, value }) => ({ ...attributes, value }));
    },
  };
}

/** The attributes of the span in which the last request was handled. */
const lastSpan = () => spans.getFinishedSpans().findLast(({ name }) => name === 'handling')?.attributes;

const counted = 'express_app_roles.decisions';
const mail = { 'http.request.method': 'GET', 'http.route': '/mail/:id' };

describe('decisions', () => {
  it('are counted by route, outcome, grant, refusal and kind of caller', async () => {
    const { points } = await measuring();
    const { app } = api();
    for (const id of ['1', '2']) {
      await request(app).get(`/mail/${id}`).set(entra.asUser(ada, 'Mail.Read')).expect(200);
    }
    await request(app).get('/mail/1').set(entra.asApplication('Mail.Read')).expect(200);
    await request(app).get('/mail/1').set(entra.asApplication('Mail.Write')).expect(403);
    await request(app).get('/mail/1').expect(401);
    await request(app).get('/mail/1').set('Authorization', 'Bearer nothing').expect(401);
    await request(app).get('/health').expect(200);
    expect(await points(counted)).toEqual([
      {
        ...mail,
        'express_app_roles.outcome': 'granted',
        'express_app_roles.grant': 'delegated Mail.Read, any-record',
        'express_app_roles.caller.kind': 'delegated',
        value: 2,
      },
      {
        ...mail,
        'express_app_roles.outcome': 'granted',
        'express_app_roles.grant': 'application Mail.Read',
        'express_app_roles.caller.kind': 'application',
        value: 1,
      },
      {
        ...mail,
        'express_app_roles.outcome': 'refused',
        'express_app_roles.refusal.code': 'missing_app_role',
        'express_app_roles.caller.kind': 'application',
        value: 1,
      },
      {
        ...mail,
        'express_app_roles.outcome': 'refused',
        'express_app_roles.refusal.code': 'no_credential',
        value: 1,
      },
      {
        'http.request.method': 'GET',
        'express_app_roles.outcome': 'refused',
        'express_app_roles.refusal.code': 'not_a_jwt',
        value: 1,
      },
    ]);
  });

  it('of methods that nobody declares are one series', async () => {
    const { points } = await measuring();
    const { app } = api();
    for (const method of ['propfind', 'search'] as const) {
      await request(app)[method]('/mail/1').set('Authorization', 'Bearer nothing').expect(401);
    }
    expect(await points(counted)).toEqual([expect.objectContaining({ 'http.request.method': '_OTHER', value: 2 })]);
  });

  it('that reportOnly lets through are told apart from refusals', async () => {
    const { points } = await measuring();
    await request(api({ reportOnly: true }).app)
      .get('/mail/1')
      .set(entra.asApplication('Mail.Write'))
      .expect(200);
    expect(await points(counted)).toEqual([
      expect.objectContaining({
        'express_app_roles.outcome': 'report-only',
        'express_app_roles.refusal.code': 'missing_app_role',
      }),
    ]);
    expect(lastSpan()).toMatchObject({ 'express_app_roles.outcome': 'report-only' });
  });

  it('name the client on request only, and never a person, an object or a token', async () => {
    const { app } = api();
    const exchange = async () => {
      const user = entra.asUser(ada, 'Mail.Read', { client: script });
      await request(app).get(`/mail/${ada.principal.objectId}`).set(user).expect(200);
      await request(app)
        .get('/mail/1')
        .set(entra.asUser(ada, 'Mail.Send', { client: script }))
        .expect(403);
      return [user.Authorization.slice('Bearer '.length), ada.principal.objectId, 'Ada', script.principal.objectId];
    };
    const quiet = await measuring();
    const secrets = await exchange();
    const silent = JSON.stringify([await quiet.points(counted), spans.getFinishedSpans().map((s) => s.attributes)]);
    for (const secret of [...secrets, script.clientId]) expect(silent).not.toContain(secret);
    quiet.stop();

    const { points } = await measuring({ clientIds: true });
    await exchange();
    const named = { 'express_app_roles.client.id': script.clientId };
    expect(await points(counted)).toEqual([expect.objectContaining(named), expect.objectContaining(named)]);
    expect(lastSpan()).toMatchObject(named);
    const told = JSON.stringify([await points(counted), spans.getFinishedSpans().map((s) => s.attributes)]);
    for (const secret of secrets) expect(told).not.toContain(secret);
  });

  it('are answered as ever where no SDK is registered', async () => {
    const { app, auth } = api();
    const stop = await observe({ health: auth.health });
    stops.push(stop);
    await request(app).get('/mail/1').set(entra.asApplication('Mail.Read')).expect(200);
    await request(app).get('/mail/1').expect(401);
  });

  it('are no longer counted once it was stopped', async () => {
    const { points, stop } = await measuring();
    const { app } = api();
    await request(app).get('/mail/1').expect(401);
    stop();
    await request(app).get('/mail/1').expect(401);
    expect(await points(counted)).toEqual([expect.objectContaining({ value: 1 })]);
  });
});

describe('the active span', () => {
  it('learns what was decided, and of a refusal why', async () => {
    await measuring();
    const { app } = api();
    await request(app).get('/mail/1').set(entra.asUser(ada, 'Mail.Read')).expect(200);
    expect(lastSpan()).toEqual({
      'express_app_roles.outcome': 'granted',
      'express_app_roles.grant': 'delegated Mail.Read, any-record',
      'express_app_roles.caller.kind': 'delegated',
    });
    await request(app).get('/mail/1').set(entra.asApplication('Mail.Write')).expect(403);
    expect(lastSpan()).toEqual({
      'express_app_roles.outcome': 'refused',
      'express_app_roles.refusal.code': 'missing_app_role',
      'express_app_roles.refusal.grants': [
        'delegated Mail.Read, any-record: other-kind',
        expect.stringMatching(/^application Mail\.Read: /),
      ],
      'express_app_roles.caller.kind': 'application',
    });
  });

  it('is the one of the request, when several are decided at once', async () => {
    await measuring();
    const { app } = api();
    const ask = (headers: Record<string, string>) => request(app).get('/mail/1').set(headers);
    const some = Array.from({ length: 10 }, (_, index) =>
      ask(index % 2 === 0 ? entra.asApplication('Mail.Read') : entra.asUser(ada, 'Mail.Read')),
    );
    await Promise.all(some);
    const kinds = spans
      .getFinishedSpans()
      .filter(({ name }) => name === 'handling')
      .map(({ attributes }) => attributes['express_app_roles.caller.kind']);
    expect(kinds.toSorted()).toEqual([...Array(5).fill('application'), ...Array(5).fill('delegated')]);
  });

  it('may be missing', async () => {
    context.disable();
    try {
      const { points } = await measuring();
      await request(api().app).get('/mail/1').expect(401);
      expect(await points(counted)).toHaveLength(1);
    } finally {
      context.setGlobalContextManager(new AsyncLocalContext());
    }
  });
});

const keyIdOf = ({ Authorization }: { readonly Authorization: string }): string =>
  JSON.parse(Buffer.from(Authorization.slice('Bearer '.length).split('.')[0] ?? '', 'base64url').toString()).kid;

describe('keys', () => {
  const of = { 'express_app_roles.keys.tenant': tenant, 'express_app_roles.keys.version': '2.0' };

  it('have events, an age and a number', async () => {
    const { app, auth } = api();
    let asked = 0;
    const health = () => {
      asked++;
      return auth.health();
    };
    const { points, stop } = await measuring({ health });
    expect(await points('express_app_roles.keys.age')).toEqual([]);
    await auth.ready();
    await request(app).get('/mail/1').set(entra.asUser(ada, 'Mail.Read')).expect(200);
    const events = await points('express_app_roles.keys.events');
    expect(events).toContainEqual({ 'express_app_roles.keys.event': 'refreshed', ...of, value: 1 });
    expect(events).toContainEqual({ 'express_app_roles.keys.event': 'key-added', ...of, value: 1 });
    expect(await points('express_app_roles.keys.age')).toContainEqual({ ...of, value: expect.closeTo(0, -1) });
    expect(await points('express_app_roles.keys.usable')).toContainEqual({ ...of, value: 1 });

    auth.keys.distrust(keyIdOf(entra.asUser(ada, 'Mail.Read')));
    expect(await points('express_app_roles.keys.usable')).toContainEqual({ ...of, value: 0 });
    expect(await points('express_app_roles.keys.events')).toContainEqual({
      'express_app_roles.keys.event': 'key-distrusted',
      value: 1,
    });
    stop();
    asked = 0;
    await points('express_app_roles.keys.age');
    expect(asked).toBe(0);
  });
});

describe('revocations', () => {
  it('have events, which say nothing of whom', async () => {
    const { points } = await measuring();
    const revoked = revocations({ store: memoryRevocations(), whenUnknown: 'refuse' });
    try {
      await revoked.ready();
      const { objectId, tenantId } = ada.principal;
      await revoked.revoke({ subject: { kind: 'principal', tenantId, objectId }, reason: 'Left the company.' });
      expect(await points('express_app_roles.revocations.events')).toEqual([
        { 'express_app_roles.revocations.event': 'list-known', value: 1 },
        { 'express_app_roles.revocations.event': 'revoked', value: 1 },
      ]);
    } finally {
      revoked.close();
    }
  });
});

describe('a mistake', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { clientId: true }, /'clientId' is not an option\. The options are meter, health, clientIds/],
    ['no meter', { meter: {} }, /metrics\.getMeter/],
    ['the answer of health', { health: { ok: true } }, /health must be a function/],
    ['a list of clients', { clientIds: ['a'] }, /clientIds must be true or false/],
  ])('is told with its fix: %s', async (_what, options, message) => {
    await expect(observe(options)).rejects.toThrow(message);
  });
});
