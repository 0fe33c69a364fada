import express from 'express';
import { allow, callerOf, type Principal, publicRoute } from 'express-app-roles';
import { type MatrixOptions, permissionMatrix } from 'express-app-roles/testing';
import { describe, expect, it } from 'vitest';
import { application, delegated, type Note, noteApi } from './api.js';

type Routes = Parameters<typeof noteApi>[0];

const matrixOf = (routes: Routes, options: MatrixOptions = {}, entraOptions: Parameters<typeof noteApi>[1] = {}) => {
  const { app, entra, add } = noteApi(routes, entraOptions);
  return permissionMatrix(app, entra, { records: { note: add }, ...options });
};
const list =
  (shown: (note: Note, by: Principal, isAll: boolean) => boolean): Routes =>
  (app, { note, notes }) => {
    app.get('/notes', allow(application('Note.OwnedBy').ownedOnly(note), application('Note.Read')), (req, res) => {
      const isAll = note.reach(req).kind === 'all';
      res.json([...notes.values()].filter((each) => shown(each, callerOf(req).principal, isAll)));
    });
  };
const isOf =
  (by: Principal) =>
  ({ owner }: Note) =>
    owner.objectId === by.objectId && owner.tenantId === by.tenantId;

describe('a list', () => {
  it('shows who sees what', async () => {
    const matrix = await matrixOf(list((note, by, isAll) => isAll || isOf(by)(note)));
    expect(matrix.toString()).toBe(`\
GET /notes                                                      its own                          another's
  application: Note.Read                                        200 listed                       200 listed
  application: Note.OwnedBy                                     200 listed                       200 not listed
  application: any other app role, or none                      403 missing_app_role             403 missing_app_role
  user: any scope, or user roles named like app roles           403 kind_not_accepted_delegated  403 kind_not_accepted_delegated
  no token                                                      401 no_credential
  another tenant, with everything                               401 wrong_tenant`);
    expect(matrix.rows).toContainEqual({
      route: 'GET /notes',
      caller: 'application Note.OwnedBy',
      outcome: '200 listed',
      anothers: '200 not listed',
    });
  });

  it('is wrong where the reach was read and ignored', async () => {
    await expect(matrixOf(list(() => true))).rejects.toThrow(
      /GET \/notes, application Note.OwnedBy: the answer shows a note of another owner. The reach was read, but not applied/,
    );
  });

  it('is wrong where it hides what the caller owns', async () => {
    await expect(matrixOf(list(() => false))).rejects.toThrow(/does not show the caller's own note/);
  });

  it('may be a count, which shows no one which ones', async () => {
    const examples = { 'GET /notes': { shows: 'no records' } } as const;
    const matrix = await matrixOf(
      list(() => false),
      { examples },
    );
    expect(matrix.rows).toContainEqual({
      route: 'GET /notes',
      caller: 'application Note.OwnedBy',
      outcome: '200',
      anothers: '200',
    });
  });

  it('is wrong where it goes across tenants', async () => {
    const otherTenants = ['7e570000-0000-4000-8000-0000000000ab'];
    const within: Routes = (app, { note, notes }) => {
      app.get('/notes', allow(application('Note.OwnedBy').ownedOnly(note), application('Note.Read')), (req, res) => {
        const reach = note.reach(req);
        const { principal } = callerOf(req);
        const isIn = (each: Note) =>
          reach.kind === 'tenant' ? each.owner.tenantId === reach.tenantId : isOf(principal)(each);
        res.json([...notes.values()].filter(isIn));
      });
    };
    expect(String(await matrixOf(within, {}, { otherTenants }))).toMatch(
      /an application with every app role +200 not listed/,
    );
    await expect(
      matrixOf(
        list(() => true),
        {},
        { otherTenants },
      ),
    ).rejects.toThrow(/another tenant: an application.*another owner/);
  });
});

describe('records', () => {
  const item: Routes = (app, { note }) => {
    app.get('/notes/:id', allow(application('Note.OwnedBy').owned(note), application('Note.Read')), (req, res) => {
      res.json(note.of(req));
    });
  };
  const creation =
    (owner: (by: Principal) => Principal): Routes =>
    (app, api) => {
      item(app, api);
      app.post('/notes', allow(application('Note.OwnedBy').creates(api.note)), (req, res) => {
        res
          .status(201)
          .location(`/notes/${api.add(owner(callerOf(req).principal))}`)
          .end();
      });
    };
  const someone = {
    tenantId: '7e570000-0000-4000-8000-000000000001',
    objectId: '0b000000-0000-4000-8000-000000000001',
  };

  it('are made through the route that creates them where no one says how', async () => {
    const { app, entra } = noteApi(creation((by) => by));
    expect(String(await permissionMatrix(app, entra))).toMatch(/application: Note.OwnedBy +200 +403 not_owner/);
  });

  it('must belong to whoever made them', async () => {
    const { app, entra, add } = noteApi(creation(() => someone));
    await expect(permissionMatrix(app, entra, { records: { note: add } })).rejects.toThrow(
      /POST \/notes, application Note.OwnedBy: the caller does not own the note that it made/,
    );
  });

  it('must be made for the owner who is given', async () => {
    const { app, entra, add } = noteApi(item);
    await expect(permissionMatrix(app, entra, { records: { note: () => add(someone) } })).rejects.toThrow(
      /GET \/notes\/:id, application Note.OwnedBy: the caller does not own the note that was made for it/,
    );
  });

  it('are made anew once a handler has had them, and after every reset', async () => {
    const { app, entra, add, notes } = noteApi((app, { note, notes }) => {
      app.delete('/notes/:id', allow(application('Note.OwnedBy').owned(note), application('Note.Read')), (req, res) => {
        notes.delete(note.of(req).id);
        res.status(204).end();
      });
    });
    const records = { note: add };
    const text = String(await permissionMatrix(app, entra, { records }));
    expect(text).toMatch(/application: Note.Read +204 +204\n.*Note.OwnedBy +204 +403 not_owner/);
    const again = await permissionMatrix(app, entra, { records, reset: () => notes.clear() });
    expect(String(again)).toBe(text);
  });
});

describe('callers', () => {
  it('hold what a grant asks for together, and what several allow ask for', async () => {
    const answer = (_req: unknown, res: express.Response) => void res.end();
    const matrix = await matrixOf(
      (app) => {
        app.get('/and', allow(application('Note.Read').and('Note.Write')), answer);
        const first = allow(delegated('Note.Read'), application('Note.Read'));
        app.get('/both', first, allow(delegated('Note.Write').withUserRole('Editor')), answer);
      },
      { records: {} },
    );
    expect(String(matrix)).toMatch(/GET \/and\n {2}application: Note.Read and Note.Write +200\n/);
    expect(String(matrix)).toMatch(/GET \/both\n {2}user: Note.Read and Note.Write with user role Editor +200\n/);
    expect(String(matrix).match(/ 200/g)).toHaveLength(2);
  });

  it('are everyone where the route is public and stands before authenticate', async () => {
    const { entra } = noteApi(() => {});
    const app = express();
    app.get('/health', publicRoute(), (_req, res) => void res.end());
    expect(String(await permissionMatrix(app, entra))).toMatch(/^GET \/health\n {2}everyone +200$/);
  });
});

describe('what is missing is told before anything is asked', () => {
  const answer = (_req: unknown, res: express.Response) => void res.end();

  it.each<[RegExp, Routes, MatrixOptions]>([
    [/GET \/open is not declared/, (app) => void app.get('/open', answer), {}],
    [/lacks an example of :team/, (app) => void app.get('/t/:team', allow(application('Note.Read')), answer), {}],
    [
      /needs a note\. Add records/,
      (app, { note }) => void app.get('/n/:id', allow(application('Note.OwnedBy').owned(note)), answer),
      { records: {} },
    ],
    [
      /examples\['GET \/x'\] is not there. There are: GET \/y/,
      (app) => void app.get('/y', allow(application('Note.Read')), answer),
      { examples: { 'GET /x': {} } },
    ],
    [
      /records\['nots'\] is not there/,
      (app) => void app.get('/y', allow(application('Note.Read')), answer),
      { records: { nots: () => '1' } },
    ],
    [/no route was found/, () => {}, {}],
    [/cannot be filled in/, (app) => void app.get(/^\/z/, allow(application('Note.Read')), answer), {}],
  ])('%s', async (message, routes, options) => {
    await expect(matrixOf(routes, { records: {}, ...options })).rejects.toThrow(message);
  });

  it('and a path can be given instead of a template', async () => {
    const routes: Routes = (app) => void app.get(/^\/z/, allow(application('Note.Read')), answer);
    const examples = { 'GET /^\\/z/': { path: '/zebra' } };
    expect(String(await matrixOf(routes, { records: {}, examples }))).toMatch(/application: Note.Read +200/);
  });
});

describe('an answer that says nothing about permissions', () => {
  const answering =
    (status: number): Routes =>
    (app) =>
      void app.post(
        '/x',
        allow(application('Note.Read')),
        (_req, res) => void res.status(status).json({ hint: 'to is missing' }),
      );

  it.each([400, 422, 500])('%i from a handler is an error', async (status) => {
    await expect(matrixOf(answering(status), { records: {} })).rejects.toThrow(
      new RegExp(`POST /x, application Note.Read: .*${status}`),
    );
  });

  it('403 from a handler is in the table', async () => {
    expect(String(await matrixOf(answering(403), { records: {} }))).toMatch(/Note.Read +403 by the handler/);
  });

  it('a path that does not lead to the route is an error', async () => {
    const routes: Routes = (app) => void app.get('/x', allow(application('Note.Read')), (_req, res) => void res.end());
    await expect(matrixOf(routes, { records: {}, examples: { 'GET /x': { path: '/y' } } })).rejects.toThrow(
      /was not reached/,
    );
  });
});

it('sends bodies, queries and headers of the example', async () => {
  const routes: Routes = (app) =>
    void app.post('/x', allow(application('Note.Read')), (req, res) => {
      const isWhole = req.body.n > 0 && req.query.q === 'a b' && req.get('x-kind') === 'y' && req.ip === '127.0.0.1';
      res.status(isWhole ? 200 : 400).end();
    });
  let n = 0;
  const example = { body: () => ({ n: ++n }), query: { q: 'a b' }, headers: { 'x-kind': 'y' } };
  expect(String(await matrixOf(routes, { records: {}, examples: { 'POST /x': example } }))).toMatch(/Note.Read +200/);
  expect(n).toBeGreaterThan(5);
});
