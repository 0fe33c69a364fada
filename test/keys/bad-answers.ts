import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Authority } from '../support/authority.js';

/** What a server does in place of a good answer, and what the health report says of it. */
export interface BadAnswer {
  readonly answer: (res: ServerResponse, req: IncomingMessage) => void;
  readonly reason: RegExp;
  /** Known only when the time is up. */
  readonly hangs?: true;
}

const json = { 'content-type': 'application/json' };
const half = '{"issuer":"https://';
const megabyte = Buffer.alloc(1_048_576, 0x20);

/** Of either document. */
export const badAnswers: Readonly<Record<string, BadAnswer>> = {
  '500 with HTML': { answer: (res) => html(res, 500), reason: /^status 500$/ },
  '503 with nothing': { answer: (res) => void res.writeHead(503).end(), reason: /^status 503$/ },
  '404 with JSON': { answer: (res) => void res.writeHead(404, json).end('{"keys":[]}'), reason: /^status 404$/ },
  '204 with nothing': { answer: (res) => void res.writeHead(204).end(), reason: /^status 204$/ },
  '302 to the same host': { answer: (res, req) => redirect(res, `${req.url}?moved`), reason: /redirect/ },
  '302 to another host': {
    answer: (res, req) => redirect(res, `http://localhost:${req.socket.localPort}${req.url}?moved`),
    reason: /redirect/,
  },
  '302 to nowhere': { answer: (res) => void res.writeHead(302).end(), reason: /status 302|not reached/ },
  '200 with HTML': { answer: (res) => html(res, 200), reason: /^not JSON$/ },
  '200 with nothing': { answer: (res) => void res.writeHead(200, json).end(), reason: /^not JSON$/ },
  'JSON that breaks off': { answer: (res) => void res.writeHead(200, json).end(half), reason: /^not JSON$/ },
  'a body shorter than announced': {
    answer: (res) => {
      res.writeHead(200, { ...json, 'content-length': 2_000 }).write(half, () => res.socket?.end());
    },
    reason: /^broken off$/,
  },
  'a reset in the middle of the body': {
    answer: (res) => {
      res.writeHead(200, json).write(half, () => res.socket?.resetAndDestroy());
    },
    reason: /^broken off$/,
  },
  'a reset before the answer': { answer: (res) => res.socket?.resetAndDestroy(), reason: /^not reached/ },
  'what is not HTTP': { answer: (res) => res.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'), reason: /^not reached/ },
  'a head without end': { answer: endlessHead, reason: /^not reached/ },
  'a broken encoding': {
    answer: (res) => void res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end('not gzip'),
    reason: /^broken off$/,
  },
  'no answer at all': { answer: () => {}, reason: /^no answer within/, hangs: true },
  'a head and no body': {
    answer: (res) => void res.writeHead(200, json).flushHeaders(),
    reason: /^no answer within/,
    hangs: true,
  },
  'a body drop by drop': { answer: drip, reason: /^no answer within/, hangs: true },
  '100 MB': { answer: (res) => pour(res, 100), reason: /^more than 1048576 bytes$/ },
  '100 MB in 100 kB': {
    answer: (res) => void res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb()),
    reason: /^more than 1048576 bytes$/,
  },
  'an array': { answer: (res) => void res.writeHead(200, json).end('[{"keys":[]}]'), reason: /^not a JSON object$/ },
  null: { answer: (res) => void res.writeHead(200, json).end('null'), reason: /^not a JSON object$/ },
  'a string': { answer: (res) => void res.writeHead(200, json).end('"keys"'), reason: /^not a JSON object$/ },
  'a number': { answer: (res) => void res.writeHead(200, json).end('7'), reason: /^not a JSON object$/ },
  'deep nesting': { answer: (res) => void res.writeHead(200, json).end('['.repeat(500_000)), reason: /^not JSON$/ },
};

/** Of the metadata document: it is JSON, and not to be believed. */
export function badMetadata({ origin }: Authority): Readonly<Record<string, { document: object; reason: RegExp }>> {
  const issuer = `${origin}/7e570000-0000-4000-8000-00000000000a/v2.0`;
  const good = `${origin}/7e570000-0000-4000-8000-00000000000a/discovery/v2.0/keys`;
  const { host, port } = new URL(origin);
  const otherIssuer = /^the metadata names another issuer$/;
  const otherHost = /^the metadata names a key set on another host$/;
  return {
    'the issuer of another tenant': {
      document: { issuer: issuer.replace('00000000000a', '00000000000b'), jwks_uri: good },
      reason: otherIssuer,
    },
    'an issuer with a slash too many': { document: { issuer: `${issuer}/`, jwks_uri: good }, reason: otherIssuer },
    'the issuer in a list': { document: { issuer: [issuer], jwks_uri: good }, reason: otherIssuer },
    'no issuer': { document: { jwks_uri: good }, reason: otherIssuer },
    'keys on another host': {
      document: { issuer, jwks_uri: good.replace(host, `localhost:${port}`) },
      reason: otherHost,
    },
    'keys on another port': { document: { issuer, jwks_uri: good.replace(host, '127.0.0.1:1') }, reason: otherHost },
    'the host as a user name': { document: { issuer, jwks_uri: `http://${host}@evil.test/keys` }, reason: otherHost },
    'keys over another protocol': {
      document: { issuer, jwks_uri: good.replace('http:', 'https:') },
      reason: otherHost,
    },
    'keys in a file': { document: { issuer, jwks_uri: 'file:///etc/keys' }, reason: otherHost },
    'keys in the address': { document: { issuer, jwks_uri: 'data:application/json,{}' }, reason: otherHost },
    'keys at no URL': { document: { issuer, jwks_uri: '/discovery/v2.0/keys' }, reason: otherHost },
    'keys at several addresses': { document: { issuer, jwks_uri: [good] }, reason: otherHost },
    'no address of keys': { document: { issuer }, reason: otherHost },
    'credentials in the address of the keys': {
      document: { issuer, jwks_uri: good.replace('//', '//user:password@') },
      reason: /^not reached/,
    },
  };
}

/** Of the key set: it is JSON, and there is no key in it to verify with. */
export function badKeySets({ key }: Authority): Readonly<Record<string, object>> {
  const { kty, n, e } = key.publicKey.export({ format: 'jwk' });
  const good = { kty, n, e, kid: key.kid, use: 'sig' };
  return {
    'no key': { keys: [] },
    'no keys member': {},
    'keys that are an object': { keys: { [key.kid]: good } },
    'keys that are null': { keys: null },
    'entries that are no keys': { keys: [null, 7, 'key', [], [good]] },
    'keys of another kind': { keys: [{ kty: 'EC', crv: 'P-256', kid: key.kid, x: 'AA', y: 'AA', use: 'sig' }] },
    'a key for encryption': { keys: [{ ...good, use: 'enc' }] },
    'a key for another algorithm': { keys: [{ ...good, alg: 'PS256' }] },
    'a key without kid': { keys: [{ kty, n, e }] },
    'a key with an empty kid': { keys: [{ ...good, kid: '' }] },
    'a key whose kid is a number': { keys: [{ ...good, kid: 1 }] },
    'a key that is too short': { keys: [{ ...good, n: n?.slice(0, 171) }] },
    'a key that is not base64url': { keys: [{ ...good, n: '!' }] },
    'a symmetric key': { keys: [{ kty: 'oct', k: n, kid: key.kid }] },
  };
}

/** Which of the two documents misbehaves. */
export const documents = {
  metadata: '/.well-known/openid-configuration',
  'key set': '/keys',
} as const;

/** Until `authority.intercept` is undefined again. A redirect that is followed would end at the good document. */
export function misbehave(authority: Authority, document: keyof typeof documents, answer: BadAnswer['answer']): void {
  authority.intercept = (req, res) => {
    const url = req.url ?? '';
    if (!url.endsWith(documents[document])) return false;
    answer(res, req);
    return true;
  };
}

export function send(body: object): BadAnswer['answer'] {
  return (res) => void res.writeHead(200, json).end(JSON.stringify(body));
}

/** How much a server got rid of, and whether it got rid of everything. */
export interface Poured {
  bytes: number;
  closed: boolean;
}

/** As fast as it is taken. */
export function pour(res: ServerResponse, megabytes: number): Poured {
  const poured: Poured = { bytes: 0, closed: false };
  res.writeHead(200, { ...json, 'content-length': megabytes * megabyte.length });
  res.on('close', () => {
    poured.closed = true;
  });
  const next = () => {
    if (poured.closed) return;
    if (poured.bytes >= megabytes * megabyte.length) {
      res.end();
      return;
    }
    poured.bytes += megabyte.length;
    res.write(megabyte, next);
  };
  next();
  return poured;
}

function html(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>Sorry</title><h1>Sorry</h1>');
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(302, { location }).end();
}

function drip(res: ServerResponse): void {
  res.writeHead(200, json);
  const timer = setInterval(() => res.write(' '), 20);
  res.on('close', () => clearInterval(timer));
}

function endlessHead(res: ServerResponse): void {
  const { socket } = res;
  if (socket === null) return;
  socket.write('HTTP/1.1 200 OK\r\n');
  const next = () => {
    if (!socket.destroyed) socket.write(`x-more: ${'x'.repeat(1_000)}\r\n`, next);
  };
  next();
}

let compressed: Buffer | undefined;
function bomb(): Buffer {
  compressed ??= gzipSync(Buffer.alloc(100 * megabyte.length, 0x20));
  return compressed;
}
