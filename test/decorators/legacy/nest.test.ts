import 'reflect-metadata';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Get,
  type INestApplication,
  Module,
  Next,
  Param,
  Req,
  Res,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js';
import { Test } from '@nestjs/testing';
import type { NextFunction, Request, Response } from 'express';
import { allow, assertDeclared, authenticate, callerOf, publicRoute } from 'express-app-roles';
import { Allow, admit, leftToGuard, Public } from 'express-app-roles/decorators';
import { createTestEntra, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { application, note, notes, permissions } from '../permissions.js';
import { AppModule, protect } from './docs/app.module.js';
import { PermissionGuard } from './docs/permission.guard.js';
import { ProblemFilter } from './docs/problem.filter.js';

const entra = createTestEntra({ permissions });
const options = { tenant: entra.tenant, clientId: entra.clientId, testAuthority: entra };
const client = entra.client('script');
const asReader = entra.asApplication('Note.Read');
const asOwner = entra.asApplication('Note.OwnedBy', { client });

const apps: INestApplication[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
beforeEach(() => notes.clear());

type Prepare = (app: INestApplication) => void;

async function start(module: Type, prepare: Prepare = (app) => protect(app, options)) {
  const testing = await Test.createTestingModule({ imports: [module] }).compile();
  const app = testing.createNestApplication({ logger: false });
  apps.push(app);
  prepare(app);
  await app.init();
  return { server: app.getHttpServer(), express: app.getHttpAdapter().getInstance() };
}

const guard = { provide: APP_GUARD, useClass: PermissionGuard };
/** Without the check at the start. */
const bareGuard = {
  provide: APP_GUARD,
  useValue: {
    async canActivate(...[context]: Parameters<PermissionGuard['canActivate']>) {
      const http = context.switchToHttp();
      await admit(http.getRequest(), http.getResponse(), context.getHandler(), context.getClass());
      return true;
    },
  },
};
const filter = { provide: APP_FILTER, useClass: ProblemFilter };
function moduleOf(controller: Type, providers: object[]): Type {
  @Module({ imports: [DiscoveryModule], controllers: [controller], providers: providers as never })
  class TestModule {}
  return TestModule;
}

const ran: string[] = [];
beforeEach(() => void ran.splice(0));

describe('the guard of the page', () => {
  it('asks what the handler declares, or else its class', async () => {
    const { server } = await start(AppModule);
    const get = (path: string) => request(server).get(path);
    notes.set('mine', { id: 'mine', owner: client.principal });
    notes.set('other', { id: 'other', owner: entra.client('another').principal });
    await get('/notes').set(asReader).expect(200, ['mine', 'other']);
    await get('/notes').set(asOwner).expect(403);
    await get('/notes/count').expect(200, { notes: 2 });
    await get('/notes/mine').set(asOwner).expect(200);
    expect(await get('/notes/other').set(asOwner)).toMatchObject({ status: 403, body: { code: 'not_owner' } });
    await get('/notes/none').set(asOwner).expect(404);
    await get('/notes/mine').set(asReader).expect(403);
    await request(server).post('/notes').set(asOwner).expect(201);
    await request(server).post('/notes').set(asReader).expect(403);
  });

  it('refuses as the library does: status, challenge, problem details', async () => {
    const { server } = await start(AppModule);
    const anonymous = await request(server).get('/notes').expect(401);
    expect(anonymous.headers['www-authenticate']).toMatch(/^Bearer realm="/);
    expect(anonymous.headers['content-type']).toBe('application/problem+json');
    expect(anonymous.body.code).toBe('no_credential');
    await request(server).get('/notes').set('Authorization', 'Bearer a.b.c').expect(401);
    await request(server).get('/nowhere').expect(404);
  });

  it('stops the app as it starts, where a handler is not declared', async () => {
    @Controller('a')
    class Undeclared {
      @Get() @Public() open() {}
      @Get('secret') secret() {}
    }
    await expect(start(moduleOf(Undeclared, [guard, filter]))).rejects.toThrow(
      'Undeclared.secret is not declared. Give it @Allow(…) or @Public().',
    );
  });

  it('asks the class that a handler is written in', async () => {
    @Allow(application('Note.Read'))
    class Base {
      @Get('kept') kept() {
        return {};
      }
    }
    @Controller('a')
    @Allow(application('Note.Write'))
    class Sub extends Base {
      @Get('own') own() {
        return {};
      }
    }
    const { server } = await start(moduleOf(Sub, [guard, filter]));
    await request(server).get('/a/kept').set(asReader).expect(200);
    await request(server).get('/a/own').set(asReader).expect(403);
    await request(server).get('/a/own').set(entra.asApplication('Note.Write')).expect(200);
  });
});

@Controller('a')
class Handlers {
  @Get('secret') secret() {
    ran.push('secret');
    return { secret: true };
  }
  @Get('open') @Public() open() {
    ran.push('open');
    return {};
  }
  @Get('owned') @Allow(application('Note.OwnedBy').ownedOnly(note)) owned() {
    return { secret: true };
  }
  @Get('caller') @Allow(application('Note.Read')) caller(@Req() req: Request, @Res() res: Response) {
    res.json({ kind: callerOf(req).kind });
  }
  @Get('next/:key') @Public() passOn(@Param('key') _key: string, @Next() next: NextFunction) {
    next();
  }
}

/** As instrumentations do (OpenTelemetry's for Nest): another function around each handler, which bears its name. */
function instrument() {
  const { create } = RouterExecutionContext.prototype;
  RouterExecutionContext.prototype.create = function instrumented(instance, callback, ...rest) {
    const wrapped = function (this: unknown, ...args: unknown[]) {
      return callback.apply(this, args);
    };
    Object.defineProperty(wrapped, 'name', { value: callback.name });
    for (const key of Reflect.getMetadataKeys(callback)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, callback), wrapped);
    }
    return create.call(this, instance, wrapped, ...rest);
  };
  return () => {
    RouterExecutionContext.prototype.create = create;
  };
}

describe('under any such guard', () => {
  const module = moduleOf(Handlers, [bareGuard, filter]);

  it('a handler that is not declared does not run', async () => {
    const { server } = await start(module);
    for (const headers of [{}, asReader]) {
      const { status, text } = await request(server).get('/a/secret').set(headers);
      expect([status, text, ran]).toEqual([500, expect.not.stringContaining('"secret"'), []]);
    }
  });

  it('the developer’s sentence about it is not told to clients', async () => {
    const { server } = await start(module);
    expect((await request(server).get('/a/secret')).text).not.toContain('allow(');
  });

  it("runs, where authenticate has undeclared: 'report'", async () => {
    const { server } = await start(module, (app) => {
      app.use(authenticate({ ...options, permissions, undeclared: 'report' }), leftToGuard());
    });
    await request(server).get('/a/secret').expect(200, { secret: true });
    await request(server).get('/a/caller').expect(401);
  });

  it('runs, and everything is let in, until reportOnly ends', async () => {
    const until = new Date().toISOString().slice(0, 10);
    const authentication = authenticate({ ...options, permissions, reportOnly: { until } });
    const { server } = await start(module, (app) => {
      app.use(authentication, leftToGuard());
    });
    await request(server).get('/a/secret').expect(200, { secret: true });
    await request(server).get('/a/owned').set(asReader).expect(200);
    const { refusals } = authentication.report() ?? {};
    expect(refusals?.map(({ route, code }) => `${route} ${code}`).sort()).toEqual([
      '/a/owned missing_app_role',
      '/a/secret misconfigured',
    ]);
  });

  it('runs, where a declaration before all routes covers it', async () => {
    const { server } = await start(module, (app) => {
      protect(app, options);
      app.use('/a', allow(application('Note.Read')));
    });
    await request(server).get('/a/secret').set(asReader).expect(200);
    await request(server).get('/a/secret').set(asOwner).expect(403);
    await request(server).get('/a/secret').expect(401);
  });

  it('an instrumentation around handlers changes nothing', async () => {
    const restore = instrument();
    try {
      const { server } = await start(module);
      await request(server).get('/a/open').expect(200);
      await request(server).get('/a/caller').expect(401);
      await request(server).get('/a/caller').set(asReader).expect(200);
      await request(server).get('/a/secret').set(asReader).expect(500);
      const { server: other } = await start(AppModule);
      await request(other).get('/notes').set(asReader).expect(200);
      await request(other).get('/notes').set(asOwner).expect(403);
    } finally {
      restore();
    }
  });

  it('a decorator that replaces the function does not leave it to the wider declaration of the class', async () => {
    const wrap = (_prototype: object, _name: string, descriptor: PropertyDescriptor) => {
      descriptor.value = () => ({ secret: true });
    };
    @Controller('a')
    @Allow(application('Note.Read'))
    class Wrapped {
      @Get('narrow') @wrap @Allow(application('Note.Write')) narrow() {}
    }
    const { server } = await start(moduleOf(Wrapped, [bareGuard, filter]));
    await request(server).get('/a/narrow').set(asReader).expect(500);
    await expect(start(moduleOf(Wrapped, [guard, filter]))).rejects.toThrow('Wrapped.narrow is not declared');
  });

  it('the guard of responses watches: a reach that was not read', async () => {
    const { server } = await start(module);
    const { status, text } = await request(server).get('/a/owned').set(asOwner);
    expect([status, text]).toEqual([500, expect.not.stringContaining('"secret"')]);
  });

  it('handlers read the caller', async () => {
    const { server } = await start(module);
    await request(server).get('/a/caller').set(asReader).expect(200, { kind: 'application' });
  });

  it('a handler that goes on does not open what comes after it', async () => {
    const later = {
      provide: 'routes that are added after those of controllers',
      inject: [HttpAdapterHost],
      useFactory: (host: HttpAdapterHost) => ({
        onModuleInit: () =>
          host.httpAdapter.get('/a/next/admin', (_req: Request, res: Response) => {
            ran.push('admin');
            res.json({ secret: true });
          }),
      }),
    };
    const { server } = await start(moduleOf(Handlers, [bareGuard, filter, later]));
    await request(server).get('/a/next/admin').expect(500);
    await request(server).get('/a/next/other').expect(404);
    expect(ran).toEqual([]);
  });

  it('routes of Express beside it: a declared one answers; the answer of an undeclared one is replaced', async () => {
    const { server } = await start(module, (app) => {
      protect(app, options);
      const express = app.getHttpAdapter().getInstance();
      express.get('/declared', publicRoute(), (_req: Request, res: Response) => void res.json({}));
      express.get('/undeclared', (_req: Request, res: Response) => void res.json({ secret: true }));
    });
    await request(server).get('/declared').expect(200, {});
    const { status, text } = await request(server).get('/undeclared').set(asReader);
    expect([status, text]).toEqual([500, expect.not.stringContaining('"secret"')]);
  });

  it('no handler runs after a bad token, although an error handler went on', async () => {
    const { server } = await start(module, (app) => {
      const goOn = (_error: unknown, _req: Request, _res: Response, next: NextFunction) => next();
      app.use(authenticate({ ...options, permissions }), goOn, leftToGuard());
    });
    await request(server).get('/a/open').set('Authorization', 'Bearer a.b.c').expect(500);
    expect(ran).toEqual([]);
  });

  it('what it refused is not answered with a success', async () => {
    @Catch()
    class Forgiving {
      catch(_error: unknown, host: ArgumentsHost) {
        host.switchToHttp().getResponse<Response>().status(200).json({ secret: true });
      }
    }
    const { server } = await start(moduleOf(Handlers, [bareGuard, { provide: APP_FILTER, useClass: Forgiving }]));
    for (const path of ['/a/caller', '/a/secret', '/a/open']) {
      const { status, text } = await request(server).get(path);
      const isOpen = path === '/a/open';
      expect([path, status, text.includes('"secret"')]).toEqual([path, isOpen ? 200 : 500, false]);
    }
  });
});

describe('what does not work', () => {
  it('without leftToGuard no handler runs', async () => {
    const { server } = await start(AppModule, (app) => {
      app.use(authenticate({ ...options, permissions }));
    });
    await request(server).get('/notes').set(asReader).expect(500);
    await request(server).get('/notes/count').expect(500);
  });

  it('leftToGuard before authenticate, or without it', async () => {
    const { server } = await start(AppModule, (app) => {
      app.use(leftToGuard());
    });
    await request(server).get('/notes/count').expect(500);
  });

  it('without authenticate nothing but public routes answers', async () => {
    const { server } = await start(moduleOf(Handlers, [bareGuard, filter]), () => {});
    await request(server).get('/a/caller').set(asReader).expect(500);
    await request(server).get('/a/secret').expect(500);
    expect(ran).toEqual([]);
    await request(server).get('/a/open').expect(200);
  });

  it('without a guard nothing answers', async () => {
    const { server } = await start(moduleOf(Handlers, [filter]));
    for (const path of ['/a/secret', '/a/caller', '/a/open']) {
      const { status, text } = await request(server).get(path).set(asReader);
      expect([status, text]).toEqual([500, expect.not.stringContaining('"secret"')]);
    }
  });

  it('assertDeclared and the permission matrix do not see what Nest’s routes declare', async () => {
    const { express } = await start(AppModule);
    expect(() => assertDeclared(express)).toThrow(/GET \/notes: not declared/);
    await expect(permissionMatrix(express, entra)).rejects.toThrow(/GET \/notes is not declared/);
  });
});
