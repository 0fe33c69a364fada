import { request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allow, publicRoute } from 'express-app-roles';
import request from 'supertest';
import { expect, it } from 'vitest';
import { application, delegated, noteApi } from './api.js';

const { app, entra, add } = noteApi((app, { note }) => {
  app.get('/notes/:id', allow(delegated('Note.Read').owned(note), application('Note.Read')), (req, res) => {
    res.json(note.of(req));
  });
  app.get('/teapot', allow(application('Note.Read')), (_req, res) => {
    res.status(418).end();
  });
  app.get('/forbidden', allow(application('Note.Read')), (_req, res) => {
    res.status(403).end();
  });
  app.get('/health', publicRoute(), (_req, res) => {
    res.end();
  });
});
expect.extend(entra.matchers);
const reader = entra.asApplication('Note.Read');

function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The assertion held.');
}

it('says which grant failed, and why, when a request was refused', async () => {
  const path = `/notes/${add(entra.user('Grace').principal)}`;
  const response = await request(app).get(path).set(entra.asUser('Ada', 'Note.Read'));
  expect(response).toBeRefused('not_owner');
  expect(response).not.toBeAllowed();
  expect(messageOf(() => expect(response).toBeAllowed())).toBe(
    `The request should be let in; it was answered with 403.

GET /notes/:id: refused, 403 not_owner
  caller: user ${entra.user('Ada').principal.objectId}, scopes: Note.Read, user roles: none
  delegated Note.Read, owned note  not-owner
  application Note.Read            other-kind`,
  );
  expect(messageOf(() => expect(response).toBeRefused('missing_scope'))).toMatch(
    /^The request should be refused with missing_scope;[\s\S]*403 not_owner/,
  );
});

it('says which grant matched when a request was let in', async () => {
  const response = await request(app)
    .get(`/notes/${add(entra.user('Grace').principal)}`)
    .set(reader);
  expect(response).toBeAllowed();
  expect(messageOf(() => expect(response).toBeRefused())).toMatch(/let in[\s\S]*application Note.Read +matched/);
  expect(response.headers).not.toHaveProperty('x-decision');
});

it('tells what a client is not told of a bad token', async () => {
  const response = await request(app)
    .get('/teapot')
    .set(entra.asApplication('Note.Read', { claims: { oid: 7 } }));
  expect(response).toBeRefused('invalid_claim');
  expect(messageOf(() => expect(response).toBeAllowed())).toContain('The claim oid must be a GUID.');
});

it('asks what the library decided, not how the handler answered, but for a no of its own', async () => {
  expect(await request(app).get('/teapot').set(reader)).toBeAllowed();
  expect(await request(app).get('/health')).toBeAllowed();
  const forbidden = await request(app).get('/forbidden').set(reader);
  expect(forbidden).not.toBeAllowed();
  expect(forbidden).not.toBeRefused();
});

it('does not take a path that leads nowhere for allowed', async () => {
  const response = await request(app).get('/nowhere').set(reader);
  expect(response).not.toBeAllowed();
  expect(messageOf(() => expect(response).toBeAllowed())).toContain('is the path right?');
});

it('keeps requests apart that are made at once, with one token, on one connection', async () => {
  const [mine, theirs] = [add(entra.user('Ada').principal), add(entra.user('Grace').principal)];
  const asAda = entra.asUser('Ada', 'Note.Read');
  const server = app.listen(0);
  try {
    const paths = Array.from({ length: 20 }, (_, index) => `/notes/${index % 2 === 0 ? mine : theirs}`);
    const responses = await Promise.all(paths.map((path) => request(server).get(path).set(asAda)));
    responses.forEach((response, index) => {
      if (index % 2 === 0) expect(response).toBeAllowed();
      else expect(response).toBeRefused('not_owner');
    });
    const { port } = server.address() as AddressInfo;
    const response = await new Promise((resolve) => {
      ask({ port, path: `/notes/${theirs}`, headers: asAda }, resolve).end();
    });
    expect(response).toBeRefused('not_owner');
  } finally {
    server.close();
  }
});

it('makes do with the status of an answer whose request it cannot find', () => {
  expect({ status: 200 }).toBeAllowed();
  expect({ status: 403, body: { code: 'not_owner' } }).toBeRefused('not_owner');
  expect({ status: 403, body: {} }).not.toBeAllowed();
  expect(messageOf(() => expect({ status: 403 }).toBeAllowed())).toContain('nothing is known beside its status');
  expect(() => expect(Promise.resolve({ status: 200 })).toBeAllowed()).toThrow(/Await it first/);
});
