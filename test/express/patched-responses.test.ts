import express, { type RequestHandler } from 'express';
import { publicRoute } from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import { apiWith, as, ask } from './api.js';

const secret: RequestHandler = (_req, res) => void res.json({ secret: 1 });

// In a file of its own: the methods are put there before any app of the process has answered.
describe('an app whose responses have methods of their own', () => {
  it('answers nothing that is not declared', async () => {
    const app = apiWith((each) => {
      for (const name of ['writeHead', 'write', 'end'] as const) {
        const before = each.response[name] as (...args: unknown[]) => unknown;
        Object.assign(each.response, {
          [name](this: object, ...args: unknown[]) {
            return before.apply(this, args);
          },
        });
      }
      each.use('/secret', secret);
      each.get('/open', publicRoute(), (_req, res) => void res.json('open'));
    });
    const { status, text } = await ask(app, '/secret', as.app(['Mail.Read']));
    expect([status, text.includes('{"secret"')]).toEqual([500, false]);
    expect((await ask(app, '/open')).body).toBe('open');
  });

  it('takes no status that is none for an error', async () => {
    const app = apiWith((each) => {
      each.use('/secret', (_req, res) => void res.writeHead(undefined as unknown as number).end('secret'));
    });
    const repaired = express().use((_req, res, next) => {
      const before = res.writeHead as (...args: unknown[]) => typeof res;
      Object.assign(res, { writeHead: (status = 200, ...args: unknown[]) => before.call(res, status, ...args) });
      next();
    }, app);
    const { status, text } = await ask(repaired, '/secret', as.app(['Mail.Read']));
    expect([status, text.includes('secret')]).toEqual([500, false]);
  });
});
