import express, { type Express, type Request, type Response } from 'express';
import { allow, assertDeclared, authenticate, problemDetails, publicRoute } from 'express-app-roles';
import { Allow, Controller, controllers, Get, Post, Public } from 'express-app-roles/decorators';
import { createTestEntra, permissionMatrix } from 'express-app-roles/testing';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { listRoutes } from '../../src/express/index.js';
import { application, delegated, type Note, note, notes, permissions } from './permissions.js';

const entra = createTestEntra({ permissions });
const client = entra.client('script');
beforeEach(() => notes.clear());

function api(routes: (app: Express) => void): Express {
  const app = express();
  app.use(authenticate({ tenant: entra.tenant, clientId: entra.clientId, permissions, testAuthority: entra }));
  routes(app);
  app.use(problemDetails());
  return app;
}

const list = (_req: Request, res: Response) => void res.json([...notes.values()]);
const owned = (req: Request, res: Response) => {
  const reach = note.reach(req);
  const isOpen = ({ owner }: Note) =>
    reach.kind === 'all' || (reach.kind === 'owned' && owner.objectId === reach.by.objectId);
  res.json([...notes.values()].filter(isOpen));
};
const read = (req: Request, res: Response) => void res.json(note.of(req));
const health = (_req: Request, res: Response) => void res.json({});

@Controller('/notes/')
@Allow(application('Note.OwnedBy').ownedOnly(note), application('Note.Read'))
class Notes {
  @Get() list(req: Request, res: Response) {
    owned(req, res);
  }
  @Get('/health') @Public() health(req: Request, res: Response) {
    health(req, res);
  }
  @Get('/:id')
  @Allow(delegated('Note.Read').owned(note), application('Note.Read'))
  read(req: Request, res: Response) {
    read(req, res);
  }
}

const decorated = () => api((app) => controllers(app, new Notes()));
const functional = () =>
  api((app) => {
    app.get('/notes', allow(application('Note.OwnedBy').ownedOnly(note), application('Note.Read')), owned);
    app.get('/notes/health', publicRoute(), health);
    app.get('/notes/:id', allow(delegated('Note.Read').owned(note), application('Note.Read')), read);
  });

describe('a controller is the routes that it stands for', () => {
  it('in the inventory', () => {
    const inventory = (app: Express) =>
      listRoutes(app).map(({ guardWith: _, ...entry }) => ({
        ...entry,
        declarations: entry.declarations.map((each) => (each.kind === 'allow' ? each.grants.map(String) : each.kind)),
      }));
    expect(inventory(decorated())).toEqual(inventory(functional()));
    expect(inventory(decorated())).toHaveLength(3);
  });

  it('in the permission matrix', async () => {
    const records = {
      note: (owner: Note['owner']) => {
        const id = crypto.randomUUID();
        notes.set(id, { id, owner });
        return id;
      },
    };
    const matrix = String(await permissionMatrix(decorated(), entra, { records }));
    expect(matrix).toBe(String(await permissionMatrix(functional(), entra, { records })));
    expect(matrix).toMatch(/GET \/notes\/:id +its own +another's\n.*application: Note.Read +200 +200/);
  });

  it('for assertDeclared', () => {
    expect(() => assertDeclared(decorated())).not.toThrow();
    @Controller('/a')
    @Allow(application('Note.OwnedBy').owned(note), delegated('Note.Read'))
    class A {
      @Get('/:key') read() {}
    }
    const app = api((each) => controllers(each, new A()));
    expect(() => assertDeclared(app)).toThrow(/GET \/a\/:key: record 'note' is looked for by ':id'/);
    expect(() => assertDeclared(app)).toThrow(/GET \/a\/:key: every user, every record\?/);
  });

  it('in a nested router', async () => {
    const app = api((each) => {
      const router = express.Router();
      controllers(router, new Notes());
      each.use('/api', router);
    });
    assertDeclared(app);
    await request(app).get('/api/notes').set(entra.asApplication('Note.Read')).expect(200, []);
    await request(app).get('/api/notes').expect(401);
  });

  it('for the guard of responses: a reach that was not read', async () => {
    @Controller('/a')
    @Allow(application('Note.OwnedBy').ownedOnly(note))
    class A {
      @Get() all(req: Request, res: Response) {
        list(req, res);
      }
    }
    notes.set('secret', { id: 'secret', owner: entra.client('another').principal });
    const app = api((each) => controllers(each, new A()));
    const { status, text } = await request(app).get('/a').set(entra.asApplication('Note.OwnedBy'));
    expect([status, text]).toEqual([500, expect.not.stringContaining('secret')]);
  });

  it('for the guard of undeclared routes: the same method in a route by hand declares nothing', async () => {
    const ran: string[] = [];
    @Controller('/a')
    class A {
      @Get() @Public() open(_req: Request, res: Response) {
        ran.push('open');
        res.json({});
      }
    }
    const app = api((each) => each.get('/b', new A().open));
    expect(() => assertDeclared(app)).toThrow(/GET \/b: not declared/);
    await request(app).get('/b').expect(500);
    expect(ran).toEqual([]);
  });

  it('speaks for its own route only, where several methods share what the class declares', async () => {
    @Controller('/a')
    @Allow(application('Note.Read'))
    class A {
      @Get('/:page') first(_req: Request, _res: Response, next: () => void) {
        next();
      }
    }
    const app = api((each) => {
      controllers(each, new A());
      each.get('/a/admin', health);
    });
    await request(app).get('/a/admin').set(entra.asApplication('Note.Read')).expect(500);
  });
});

describe('what a class inherits', () => {
  abstract class Base {
    protected readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    @Get('/kept') @Public() kept(_req: Request, res: Response) {
      res.json({ kept: this.name });
    }
    @Get('/base') @Public() replaced(_req: Request, res: Response) {
      res.json({ base: true });
    }
  }

  @Allow(application('Note.Read'))
  abstract class Middle extends Base {
    @Get('/middle') middle(_req: Request, res: Response) {
      res.json({ middle: this.name });
    }
  }

  @Controller('/sub')
  @Allow(application('Note.OwnedBy').creates(note))
  class Sub extends Middle {
    @Get('/own') own(_req: Request, res: Response) {
      res.json({ own: this.name });
    }
    @Post('/sub') override replaced(_req: Request, res: Response) {
      res.json({ replaced: this.name });
    }
  }

  const app = api((each) => controllers(each, new Sub('Ada')));
  const asReader = entra.asApplication('Note.Read', { client });
  const asOwner = entra.asApplication('Note.OwnedBy', { client });

  it('is a method with its own declaration, and the object is this', async () => {
    await request(app).get('/sub/kept').expect(200, { kept: 'Ada' });
  });

  it('is a method with the declaration of the class that it is written in', async () => {
    await request(app).get('/sub/middle').set(asReader).expect(200, { middle: 'Ada' });
    await request(app).get('/sub/middle').set(asOwner).expect(403);
    await request(app).get('/sub/own').set(asOwner).expect(200, { own: 'Ada' });
    await request(app).get('/sub/own').set(asReader).expect(403);
  });

  it('is not what an override replaces: neither its route nor its declaration', async () => {
    await request(app).post('/sub/sub').expect(401);
    await request(app).post('/sub/sub').set(asReader).expect(403);
    await request(app).post('/sub/sub').set(asOwner).expect(200, { replaced: 'Ada' });
    await request(app).get('/sub/base').expect(404);
    expect(listRoutes(app).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /sub/own',
      'POST /sub/sub',
      'GET /sub/middle',
      'GET /sub/kept',
    ]);
  });

  it('leaves the class above as it is', async () => {
    @Controller('/other')
    class Other extends Base {}
    const base = api((each) => controllers(each, new Other('Grace')));
    await request(base).get('/other/base').expect(200, { base: true });
  });
});

describe('whatever a method throws', () => {
  @Controller('/')
  class Failing {
    @Get('/sync') @Public() sync() {
      throw new Error('sync');
    }
    @Get('/route') @Public() async route() {
      throw 'route';
    }
    @Get('/nothing') @Public() async nothing() {
      throw undefined;
    }
    @Get('/thenable') @Public() thenable() {
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library
      return { then: (_: unknown, reject: (error: Error) => void) => reject(new Error('thenable')) };
    }
  }
  const app = api((each) => {
    controllers(each, new Failing());
    each.get(['/route', '/nothing'], publicRoute(), health);
    each.use(((error, _req, res, _next) => void res.status(500).json(error.message)) as express.ErrorRequestHandler);
  });

  it.each([
    ['sync', 'sync'],
    ['route', 'A value that is not an Error was thrown.'],
    ['nothing', 'A value that is not an Error was thrown.'],
    ['thenable', 'thenable'],
  ])('%s is an error, and no way around the route', async (path, message) => {
    await request(app).get(`/${path}`).expect(500, JSON.stringify(message));
  });
});
