import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, clientId, startAuthority, tenantId } from '../support/authority.js';
import { protect, sendRaw, summary } from './api.js';

let authority: Authority;
let app: Express;
let token: string;
beforeAll(async () => {
  authority = await startAuthority();
  app = protect({ tenant: tenantId, testAuthority: authority.origin });
  token = authority.token(authority.user('Mail.Read'));
});
afterAll(() => authority.close());

const withHeader = (value: string) => request(app).get('/mail').set('Authorization', value);
const raw = (...headers: string[]) =>
  sendRaw(app, ['GET /mail HTTP/1.1', 'Host: api.test', 'Connection: close', ...headers]);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const codeOf = (answer: string) => /"code":"([a-z_]+)"/.exec(answer)?.[1];

describe('a bearer credential', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('has its scheme in any case: %s', async (scheme) => {
    expect(summary(await withHeader(`${scheme} ${token}`))).toBe('200');
  });

  test.each([' ', '  ', '          '])('may stand after several blanks: "%s"', async (blanks) => {
    expect(summary(await withHeader(`Bearer${blanks}${token}`))).toBe('200');
  });
});

describe('no bearer credential', () => {
  test.each([
    ['no header', undefined],
    ['Basic', () => 'Basic dXNlcjpwYXNz'],
    ['Digest', () => 'Digest username="ada"'],
    ['a scheme that begins with Bearer', () => `BearerX ${token}`],
    ['a scheme that begins with Bearer and a dash', () => `Bearer-Token ${token}`],
    ['the token of a proof-of-possession scheme', () => `PoP ${token}`],
    ['mTLS proof of possession', () => `MTLS_POP ${token}`],
    ['the token alone', () => token],
    ['a quoted scheme', () => `"Bearer" ${token}`],
    ['another scheme first, in one line', () => `Basic dXNlcjpwYXNz, Bearer ${token}`],
  ])('is anonymous: %s', async (_name, value) => {
    const res = await (value ? withHeader(value()) : request(app).get('/mail'));
    expect(summary(res)).toBe('401 no_credential');
    expect(res.headers['www-authenticate']).toBe(`Bearer realm="${clientId}"`);
  });

  test('is anonymous where the header is empty', async () => {
    const answer = await raw('Authorization:');
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'no_credential']);
  });

  test('is anonymous with two headers of other schemes', async () => {
    const answer = await raw('Authorization: Basic YTpi', 'Authorization: Digest x');
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'no_credential']);
  });

  test.each(['access_token', 'token', 'authorization', 'bearer'])(
    'is anonymous with the token in the query as %s',
    async (name) => {
      expect(
        summary(
          await request(app)
            .get('/mail')
            .query({ [name]: token }),
        ),
      ).toBe('401 no_credential');
    },
  );

  test('is anonymous with the token in a form or in a cookie', async () => {
    const parsing = express().use(express.urlencoded({ extended: false }), app);
    expect(summary(await request(parsing).post('/mail').type('form').send({ access_token: token }))).toBe(
      '401 no_credential',
    );
    expect(summary(await request(app).get('/mail').set('Cookie', `access_token=${token}`))).toBe('401 no_credential');
  });

  test.each(['Proxy-Authorization', 'X-Forwarded-Authorization', 'X-MS-TOKEN-AAD-ACCESS-TOKEN', 'Authorization-'])(
    'is anonymous with the token in %s',
    async (name) => {
      expect(summary(await request(app).get('/mail').set(name, `Bearer ${token}`))).toBe('401 no_credential');
    },
  );
});

describe('a malformed credential', () => {
  test.each([
    ['the scheme alone', () => 'Bearer'],
    ['two tokens', () => `Bearer ${token} ${token}`],
    ['two tokens with a comma', () => `Bearer ${token},${token}`],
    ['two credentials in one line', () => `Bearer ${token}, Bearer ${token}`],
    ['another scheme second, in one line', () => `Bearer ${token}, Basic YTpi`],
    ['a parameter', () => `Bearer token="${token}"`],
    ['a tab for the blank', () => `Bearer\t${token}`],
    ['a blank and a tab', () => `Bearer \t${token}`],
    ['a tab inside the token', () => `Bearer ${token.slice(0, 20)}\t${token.slice(20)}`],
    ['a colon', () => `Bearer: ${token}`],
    ['an equals sign', () => `Bearer=${token}`],
    ['a comma', () => `Bearer,${token}`],
    ['quotes', () => `Bearer "${token}"`],
    ['angle brackets', () => `Bearer <${token}>`],
    ['a percent sign', () => `Bearer ${token}%20`],
    ['latin-1 letters', () => `Bearer ${token}\u00e9`],
    ['a non-breaking blank', () => `Bearer\u00a0${token}`],
  ])('is 400: %s', async (_name, value) => {
    const res = await withHeader(value());
    expect(summary(res)).toBe('400 malformed_credential');
    expect(res.headers['www-authenticate']).toMatch(
      new RegExp(`^Bearer realm="${clientId}", error="invalid_request", error_description="[ !#-\\[\\]-~]+"$`),
    );
  });

  test.each([
    ['the same token twice', () => [`Bearer ${token}`, `Bearer ${token}`]],
    ['a good token first', () => [`Bearer ${token}`, 'Bearer other']],
    ['a good token last', () => ['Bearer other', `Bearer ${token}`]],
    ['another scheme first', () => ['Basic YTpi', `Bearer ${token}`]],
    ['another scheme last', () => [`Bearer ${token}`, 'Basic YTpi']],
    ['an empty one first', () => ['', `Bearer ${token}`]],
    ['three', () => ['Basic YTpi', 'Digest x', `Bearer ${token}`]],
  ])('is 400 where the header is repeated: %s', async (_name, values) => {
    const answer = await raw(...values().map((value, i) => `${i % 2 ? 'AUTHORIZATION' : 'Authorization'}: ${value}`));
    expect([statusOf(answer), codeOf(answer)]).toEqual([400, 'repeated_credential']);
  });

  test('is 400 where the header is repeated and the server joins repeated headers', async () => {
    const lines = ['GET /mail HTTP/1.1', 'Host: api.test', 'Connection: close'];
    const repeated = [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`];
    const answer = await sendRaw(app, [...lines, ...repeated], { joinDuplicateHeaders: true });
    expect(codeOf(answer)).toBe('repeated_credential');
  });
});

describe('the size of a credential', () => {
  const large = (length: number) =>
    sendRaw(
      app,
      ['GET /mail HTTP/1.1', 'Host: api.test', 'Connection: close', `Authorization: Bearer ${'a'.repeat(length)}`],
      {
        maxHeaderSize: 200_000,
      },
    );

  test('is capped, also where the server takes larger headers', async () => {
    const answer = await large(32_769);
    expect([statusOf(answer), codeOf(answer)]).toEqual([400, 'oversized_credential']);
    expect(codeOf(await large(150_000))).toBe('oversized_credential');
  });

  test('up to the cap is looked at', async () => {
    expect(codeOf(await large(32_768))).toBe('not_a_jwt');
  });

  test('does not matter to another scheme', async () => {
    const answer = await sendRaw(
      app,
      ['GET /mail HTTP/1.1', 'Host: api.test', 'Connection: close', `Authorization: Negotiate ${'a'.repeat(60_000)}`],
      { maxHeaderSize: 200_000 },
    );
    expect(codeOf(answer)).toBe('no_credential');
  });
});

describe('odd bytes on the wire', () => {
  test.each([
    ['NUL in the token', (good: string) => [`Authorization: Bearer ${good}\0`]],
    ['NUL in the scheme', (good: string) => [`Authorization: Bea\0rer ${good}`]],
    [
      'every latin-1 byte above 0x80',
      () => [`Authorization: Bearer ${String.fromCharCode(...Array.from({ length: 127 }, (_, i) => 129 + i))}`],
    ],
    ['DEL', (good: string) => [`Authorization: Bearer ${good}\x7f`]],
    ['a vertical tab', (good: string) => [`Authorization: Bearer\x0b${good}`]],
    ['a folded line before the token', (good: string) => ['Authorization: Bearer', ` ${good}`]],
    [
      'a folded line in the token',
      (good: string) => [`Authorization: Bearer ${good.slice(0, 30)}`, `\t${good.slice(30)}`],
    ],
    ['a bare carriage return', (good: string) => [`Authorization: Bearer ${good}\rX: y`]],
    ['a blank before the colon', (good: string) => [`Authorization : Bearer ${good}`]],
  ])('are never let in and never an error of ours: %s', async (_name, headers) => {
    const answer = await raw(...headers(token));
    expect([400, 401]).toContain(statusOf(answer));
  });

  test('leave the server able to answer the next request', async () => {
    const server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await fetch(`${origin}/mail`, { headers: { authorization: 'Bearer \u00ff\u00fe' } });
    const res = await fetch(`${origin}/mail`, { headers: { authorization: `Bearer ${token}` } });
    expect(res.status).toBe(200);
    server.closeAllConnections();
    server.close();
  });

  test('blanks around the value are not part of it', async () => {
    expect(statusOf(await raw(`Authorization:\t  Bearer ${token}  \t`))).toBe(200);
  });
});
