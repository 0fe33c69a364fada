import express, { type Request, type Response } from 'express';
import { authenticate } from 'express-app-roles';
import * as first from 'express-app-roles/decorators';
import { createTestEntra } from 'express-app-roles/testing';
import request from 'supertest';
import { expect, it, vi } from 'vitest';
import { application, permissions } from './permissions.js';

it('two copies of the library in one process agree on what was decorated', async () => {
  vi.resetModules();
  const second = await import('express-app-roles/decorators');
  expect(second.controllers).not.toBe(first.controllers);

  @first.Controller('/a')
  @second.Allow(application('Note.Read'))
  class A {
    @second.Get() read(_req: Request, res: Response) {
      res.json({});
    }
    @first.Get('/open') @second.Public() open(_req: Request, res: Response) {
      res.json({});
    }
  }
  expect(first.declarationOf(A.prototype.read, A)).toMatchObject({
    kind: 'allow',
    grants: [{ permissions: ['Note.Read'] }],
  });
  expect(() => first.Allow(application('Note.Read'))(A)).toThrow(/'A' has two declarations/);

  const entra = createTestEntra({ permissions });
  const app = express();
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  second.controllers(app, new A());
  await request(app).get('/a').set(entra.asApplication('Note.Read')).expect(200);
  await request(app).get('/a').set(entra.asApplication([])).expect(403);
  await request(app).get('/a/open').expect(200);
});
