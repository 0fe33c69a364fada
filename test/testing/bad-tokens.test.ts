import { allow, publicRoute } from 'express-app-roles';
import { createTestEntra, forEachBadToken } from 'express-app-roles/testing';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { application, delegated, noteApi, permissions } from './api.js';

const { app, entra } = noteApi((app) => {
  app.get('/notes', allow(application('Note.Read')), (_req, res) => void res.json([]));
  app.get('/mine', allow(delegated('Note.Read')), (_req, res) => void res.json([]));
  app.get('/open', publicRoute(), (_req, res) => void res.json([]));
});
const get = (path: string) => (headers: { readonly Authorization: string }) => request(app).get(path).set(headers);

describe.each([1, 2] as const)('of version %i', (tokenVersion) => {
  it('are each refused for what their name says', async () => {
    const { app, entra } = noteApi(
      (app) => void app.get('/notes', allow(application('Note.Read')), (_req, res) => void res.json([])),
      { tokenVersion },
    );
    const tokens = entra.badTokens();
    expect(tokens.length).toBeGreaterThan(30);
    expect(new Set(tokens.map(({ name }) => name)).size).toBe(tokens.length);
    for (const { name, headers, status, code } of tokens) {
      const { status: found, body } = await request(app).get('/notes').set(headers);
      expect([name, found, body.code]).toEqual([name, status, code ?? expect.any(String)]);
    }
  });
});

it('are refused by a route for users too', async () => {
  await forEachBadToken(entra, get('/mine'));
});

it('list what was answered otherwise', async () => {
  const result = forEachBadToken(entra, get('/open'));
  await expect(result).rejects.toThrow(/2 had another answer:\n {2}of a client without a role: 200, not 403\n/);
});

it('may be left out by name', async () => {
  await forEachBadToken(entra, get('/open'), {
    except: ['of a client without a role', 'of a user with user roles named like application permissions'],
  });
  await expect(forEachBadToken(entra, get('/open'), { except: ['exspired'] })).rejects.toThrow(/called 'exspired'/);
});

it('of another Entra are signed with an unknown key', async () => {
  await get('/notes')(createTestEntra({ permissions }).asApplication('Note.Read')).expect(401);
});
