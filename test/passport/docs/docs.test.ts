import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import passport from 'passport';
import request from 'supertest';
import { expect, test } from 'vitest';
import { optionNames } from '../../../src/passport/strategy-options.js';
import { authority, clientId, fetchFromAuthority, metadataOf, newTenant, tokensOf } from '../api.js';
import { createApp as createAdopted } from './adopted.js';
import { createApp as createBefore } from './before.js';
import { createApp as createDropIn } from './drop-in.js';
import { EntraStrategy } from './nest.js';
import { createApp as createTrusting } from './trusted-claims.js';
import { createApp as createWithout } from './without-passport.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/migrating.md');
const shown = ['permissions', 'before', 'adopted', 'drop-in', 'without-passport', 'nest', 'trusted-claims'];

test.each(shown)('the page shows exactly %s.ts, which is compiled and run here', (name) => {
  expect(page).toContain(`\`\`\`ts\n${read(`${name}.ts`)}\`\`\``);
  expect(page.match(/^```ts$/gm)).toHaveLength(shown.length);
});

test('the page has a line for every option of the strategy', () => {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  const missing = optionNames.filter((name) => !lines.some((line) => line.includes(`\`${name}`)));
  expect(missing).toEqual([]);
});

const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const loggingLevel = 'error' as const;

/** The app as it is after each step. */
const steps: ((tenant: string) => Express)[] = [
  (tenant) => createBefore({ identityMetadata: metadataOf(tenant), clientID: clientId, loggingLevel }),
  (tenant) => createAdopted({ identityMetadata: metadataOf(tenant), clientID: clientId, loggingLevel }, until),
  (tenant) => createAdopted({ identityMetadata: metadataOf(tenant), clientID: clientId, loggingLevel }),
  (tenant) => createDropIn({ identityMetadata: metadataOf(tenant), clientID: clientId, fetch: fetchFromAuthority }),
  (tenant) => createWithout({ tenant, clientId, fetch: fetchFromAuthority }),
];

type Send = (app: Express, as: ReturnType<typeof tokensOf>) => request.Test;
const search = (app: Express, token?: string) => {
  const test = request(app).post('/orders/search');
  return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
};
const rows: [request: string, send: Send][] = [
  ['a token with the permission', (app, as) => search(app, as.user('Order.Read'))],
  ['a v1.0 token, where the metadata is that of v2.0', (app, as) => search(app, as.v1(['Order.Read']))],
  ['a user without the scope', (app, as) => search(app, as.user('Other'))],
  ['an application with another role', (app, as) => search(app, as.app(['Other']))],
  ['an application without any role', (app, as) => search(app, as.app([]))],
  ['an ID token', (app, as) => search(app, as.user('', { scp: undefined, azp: undefined, nonce: 'n' }))],
  [
    'a good token on a route that nobody declared',
    (app, as) =>
      request(app)
        .get('/forgotten')
        .set('Authorization', `Bearer ${as.user('Order.Read')}`),
  ],
  [
    'a good token in a form',
    (app, as) =>
      request(app)
        .post('/orders/search')
        .type('form')
        .send({ access_token: as.user('Order.Read') }),
  ],
  ['no token', (app) => search(app)],
  ['an expired token', (app, as) => search(app, as.user('Order.Read', { nbf: 0, exp: 1 }))],
  ['`Bearer` and two words', (app) => search(app, 'one two')],
];

async function statuses(send: Send, isOutage = false): Promise<number[]> {
  const found: number[] = [];
  for (const create of steps) {
    const tenant = newTenant();
    if (isOutage) {
      authority.intercept = (_req, res) => {
        res.writeHead(503).end('{}');
        return true;
      };
    }
    found.push((await send(create(tenant), tokensOf(tenant))).status);
  }
  return found;
}

test('the page shows the statuses before the first step and after each', async () => {
  const table = ['| request | before | 1 | 2 | 3 | 4 |', '| --- | --- | --- | --- | --- | --- |'];
  const line = (name: string, found: readonly number[]) => `| ${[name, ...found].join(' | ')} |`;
  for (const [name, send] of rows) table.push(line(name, await statuses(send)));
  table.push(
    line(
      'a good token, while the keys cannot be had',
      await statuses((app, as) => search(app, as.user('Order.Read')), true),
    ),
  );
  expect(page).toContain(table.join('\n'));
});

test('what the page shows for NestJS and for other libraries runs', async () => {
  const tenant = newTenant();
  expect(new EntraStrategy(metadataOf(tenant), clientId).validate({ oid: 'someone' })).toEqual({ id: 'someone' });
  passport.unuse('oauth-bearer');
  const claims = { tid: tenant, iss: `https://login.microsoftonline.com/${tenant}/v2.0` };
  const app = createTrusting(
    (req, _res, next) => {
      Object.assign(req, { auth: { payload: authority.application(['Order.Read'], claims) } });
      next();
    },
    tenant,
    clientId,
  );
  expect((await request(app).get('/orders')).status).toBe(200);
});
