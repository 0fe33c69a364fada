import 'reflect-metadata';
import { Controller, Get, type INestApplication, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import { callerIfAny } from 'express-app-roles';
import { adopt, BearerStrategy, type ITokenPayload } from 'express-app-roles/passport';
import azureAd from 'passport-azure-ad';
import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import { authority, clientId, fetchFromAuthority, metadataOf, newTenant, permissions, tokensOf } from './api.js';

type Validate = (token: ITokenPayload, done?: (...args: unknown[]) => void) => unknown;
const apps: INestApplication[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** Without decorator syntax, which the compilers of the test runner and of Nest disagree about. */
async function nestWith(provider: new () => object): Promise<INestApplication> {
  class Mail {
    read(req: Parameters<typeof callerIfAny>[0] & { user?: unknown }) {
      return { kind: callerIfAny(req)?.kind, user: req.user };
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Mail.prototype, 'read') as PropertyDescriptor;
  Req()(Mail.prototype, 'read', 0);
  Get('mail')(Mail.prototype, 'read', descriptor);
  UseGuards(AuthGuard('oauth-bearer'))(Mail);
  Controller()(Mail);
  const module = await Test.createTestingModule({ controllers: [Mail], providers: [provider] }).compile();
  const app = module.createNestApplication({ logger: false });
  apps.push(app);
  return app.init();
}

function dropInWith(tenant: string, validate: Validate) {
  return class extends PassportStrategy(BearerStrategy) {
    constructor() {
      super({ identityMetadata: metadataOf(tenant), clientID: clientId, fetch: fetchFromAuthority });
    }
    validate(token: ITokenPayload, done?: (...args: unknown[]) => void) {
      return validate(token, done);
    }
  };
}

function adoptedWith(tenant: string, validate: Validate) {
  return class extends PassportStrategy(azureAd.BearerStrategy) {
    constructor() {
      super({ identityMetadata: metadataOf(tenant), clientID: clientId, loggingLevel: 'error' });
      adopt(this, { permissions, undeclared: 'report' });
    }
    validate(token: ITokenPayload, done?: (...args: unknown[]) => void) {
      return validate(token, done);
    }
  };
}

const get = async (app: INestApplication, token?: string) => {
  const test = request(app.getHttpServer()).get('/mail');
  return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
};

it.each([
  ['the drop-in', dropInWith],
  ['an adopted strategy', adoptedWith],
])('PassportStrategy of %s gives the caller, and its validate the user', async (_name, strategyWith) => {
  const tenant = newTenant();
  const app = await nestWith(strategyWith(tenant, ({ oid }) => ({ oid })));
  const answer = await get(app, tokensOf(tenant).user('Mail.Read'));
  expect([answer.status, answer.body]).toEqual([200, { kind: 'delegated', user: { oid: expect.any(String) } }]);
  expect((await get(app)).status).toBe(401);
  expect((await get(app, tokensOf(tenant).app([]))).status).toBe(401);
});

it.each<[name: string, validate: Validate, status: number]>([
  ['throws an exception of Nest', () => Promise.reject(new UnauthorizedException()), 401],
  ['throws', ({ roles }) => (roles as string[]).includes('X'), 500],
  ['gives no user', () => null, 401],
  ['answers itself, after which Nest answers again (W15)', (_token, done) => done?.(null, { oid: 'first' }), 200],
])('a validate that %s', async (_name, validate, status) => {
  const tenant = newTenant();
  const app = await nestWith(dropInWith(tenant, validate));
  expect((await get(app, tokensOf(tenant).user('Mail.Read'))).status).toBe(status);
});

it('keys that cannot be had are a 503 in Nest too', async () => {
  authority.intercept = (_req, res) => {
    res.writeHead(503).end();
    return true;
  };
  const tenant = newTenant();
  const app = await nestWith(dropInWith(tenant, () => ({})));
  const answer = await get(app, tokensOf(tenant).user('Mail.Read'));
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.any(String)]);
});
