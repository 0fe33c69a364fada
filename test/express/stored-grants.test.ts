import {
  type AssignedScope,
  allow,
  type Principal,
  type RecordOptions,
  type RecordScopesOptions,
  recordScopes,
} from 'express-app-roles';
import { describe, expect, it } from 'vitest';
import {
  apiWith,
  application,
  as,
  ask,
  delegated,
  type Mailbox,
  mailboxRecord,
  otherTenantId,
  servicePrincipalId,
  tenantId,
} from './api.js';

const client: Principal = { tenantId, objectId: servicePrincipalId };

/** Grants of single records, as an administrator left them; and what was asked of them. */
function selectionsOf(granted: Readonly<Record<string, readonly string[]>>) {
  const asked: unknown[] = [];
  const selections: NonNullable<RecordOptions<Mailbox>['selections']> = {
    roles: ['read', 'send'],
    key: ({ id }) => id,
    rolesOf(by, key) {
      asked.push([by, key]);
      return granted[key] ?? [];
    },
  };
  return { selections, asked };
}

function selectedRoute(
  granted: Readonly<Record<string, readonly string[]>>,
  options: Partial<RecordOptions<Mailbox>> = {},
  changes = {},
) {
  const { selections, asked } = selectionsOf(granted);
  const { mailbox, lookups } = mailboxRecord({ selections, ...options });
  const app = apiWith((each) => {
    each.get('/mailboxes', allow(application('Mailbox.Selected').selectedOnly(mailbox, 'read')), (req, res) => {
      res.json(mailbox.reach(req));
    });
    each.get('/mailboxes/:id', allow(application('Mailbox.Selected').selected(mailbox, 'send')), (req, res) => {
      res.json([mailbox.of(req).id, mailbox.reach(req)]);
    });
  }, changes);
  return { app, asked, lookups };
}

describe('a permission for selected records', () => {
  const token = as.app(['Mailbox.Selected']);

  it('opens the records on which the client was granted the role', async () => {
    const { app, asked } = selectedRoute({ users: ['send'], strangers: ['read'] });
    const opened = await ask(app, '/mailboxes/users', token);
    expect(opened.status).toBe(200);
    expect(opened.body).toEqual(['users', { kind: 'selected', record: 'mailbox', by: client, role: 'send' }]);
    expect(asked).toEqual([[client, 'users']]);
  });

  it.each(['strangers', 'bots'])('opens no other record, whoever owns it: %s', async (id) => {
    const { app } = selectedRoute({ users: ['send'], strangers: ['read'] });
    const refused = await ask(app, `/mailboxes/${id}`, token);
    expect([refused.status, refused.body.code]).toEqual([403, 'not_selected']);
  });

  it('tells nothing of a confidential record', async () => {
    const { app } = selectedRoute({}, { notOwner: 'not-found' });
    const [hidden, absent] = [await ask(app, '/mailboxes/users', token), await ask(app, '/mailboxes/none', token)];
    expect(hidden.status).toBe(404);
    expect(hidden.text).toBe(absent.text);
  });

  it('asks the store of no one who lacks the permission, nor of a record that is not there', async () => {
    const { app, asked, lookups } = selectedRoute({ users: ['send'] });
    expect((await ask(app, '/mailboxes/users', as.app(['Mail.Read']))).body.code).toBe('missing_app_role');
    expect(lookups).toEqual([]);
    expect((await ask(app, '/mailboxes/none', token)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('gives lists the same limit', async () => {
    const { app } = selectedRoute({});
    const { body } = await ask(app, '/mailboxes', token);
    expect(body).toEqual({ kind: 'selected', record: 'mailbox', by: client, role: 'read' });
  });

  it('keeps to the tenant of the client where several may call', async () => {
    const { app } = selectedRoute(
      { foreign: ['send'], users: ['send'] },
      { tenant: (each) => each.tenantId },
      { tenants: [tenantId, otherTenantId] },
    );
    expect((await ask(app, '/mailboxes/foreign', token)).status).toBe(404);
    expect((await ask(app, '/mailboxes/users', token)).body[1]).toMatchObject({ kind: 'selected', tenantId });
  });

  it.each([
    ['text', 'send'],
    ['nothing', undefined],
    ['a promise of a number', Promise.resolve(1)],
  ])('is 500, never open, where the store answers with %s', async (_name, answer) => {
    const { selections } = selectionsOf({});
    const app = apiWith((each) => {
      const { mailbox } = mailboxRecord({ selections: { ...selections, rolesOf: () => answer as never } });
      each.get('/:id', allow(application('Mailbox.Selected').selected(mailbox, 'send')), (_req, res) => {
        res.json('in');
      });
    });
    expect((await ask(app, '/users', token)).status).toBe(500);
  });

  it.each([
    ['a promise that rejects', () => Promise.reject(new Error('late'))],
    ['nothing', () => undefined],
  ])('is 500 where a key is %s', async (_name, key) => {
    const { selections, asked } = selectionsOf({ users: ['send'] });
    const app = apiWith((each) => {
      const { mailbox } = mailboxRecord({ selections: { ...selections, key: key as never } });
      each.get('/:id', allow(application('Mailbox.Selected').selected(mailbox, 'send')), (_req, res) => {
        res.json('in');
      });
    });
    expect((await ask(app, '/users', token)).status).toBe(500);
    expect(asked).toEqual([]);
  });

  it('names its role, unless there is but one', () => {
    const { selections } = selectionsOf({});
    const { mailbox: two } = mailboxRecord({ selections });
    const { mailbox: one } = mailboxRecord({ selections: { ...selections, roles: ['send'] } });
    const { mailbox: none } = mailboxRecord();
    const permission = application('Mailbox.Selected');
    expect(String(permission.selected(one))).toBe('application Mailbox.Selected, selected mailbox as send');
    expect(() => permission.selected(two)).toThrow(/needs a role of the record: read, send/);
    expect(() => permission.selected(two, 'owner')).toThrow(/needs a role of the record: read, send/);
    expect(() => permission.selected(none)).toThrow(/Add selections to record/);
    // @ts-expect-error a user's own rights are .owned(record)
    expect(() => delegated('Mail.Read').selected(two, 'send')).toThrow(/is for application grants/);
  });
});

const attributes = (each: Mailbox) => ({ department: each.id === 'users' ? 'sales' : 'law', floor: undefined });

function scopedRoute(
  assigned: readonly Partial<AssignedScope>[] | unknown,
  options: Partial<RecordOptions<Mailbox>> = {},
  { assignedTo }: Partial<Pick<RecordScopesOptions<Mailbox>, 'assignedTo'>> = {},
) {
  const asked: unknown[] = [];
  const { mailbox } = mailboxRecord(options);
  const scopes = recordScopes<Mailbox>({
    record: mailbox,
    attributes,
    assignedTo(by, permission) {
      asked.push([by, permission]);
      return assigned as readonly AssignedScope[];
    },
    ...(assignedTo && { assignedTo }),
  });
  const app = apiWith((each) => {
    each.get('/mailboxes', allow(application('Mail.Send').withinOnly(scopes)), (req, res) => {
      res.json(mailbox.reach(req));
    });
    each.get('/mailboxes/:id', allow(application('Mail.Send').within(scopes)), (req, res) => {
      res.json([mailbox.of(req).id, mailbox.reach(req)]);
    });
  });
  return { app, asked, mailbox, scopes };
}

const assignment = (filter: unknown) => ({ assignment: '1', scope: 'some', filter }) as AssignedScope;

describe('a permission within scopes', () => {
  const token = as.app(['Mail.Send']);

  it('opens the records of the scopes that the client is assigned to', async () => {
    const { app, asked } = scopedRoute([assignment({ department: 'sales' })]);
    const opened = await ask(app, '/mailboxes/users', token);
    expect(opened.body).toEqual(['users', { kind: 'within', filters: [{ department: 'sales' }] }]);
    expect(asked).toEqual([[client, 'Mail.Send']]);
    const refused = await ask(app, '/mailboxes/bots', token);
    expect([refused.status, refused.body.code]).toEqual([403, 'out_of_scope']);
  });

  it('opens nothing by the role alone', async () => {
    const { app } = scopedRoute([]);
    expect((await ask(app, '/mailboxes/users', token)).body.code).toBe('out_of_scope');
    expect((await ask(app, '/mailboxes', token)).body).toEqual({ kind: 'within', filters: [] });
  });

  it('adds several assignments up', async () => {
    const filters = [{ department: 'sales' }, { department: ['law', 'tax'] }];
    const { app } = scopedRoute(filters.map(assignment));
    expect((await ask(app, '/mailboxes/users', token)).status).toBe(200);
    expect((await ask(app, '/mailboxes/bots', token)).status).toBe(200);
    expect((await ask(app, '/mailboxes', token)).body).toEqual({ kind: 'within', filters });
  });

  it.each<unknown>([
    { department: 'Sales' },
    { department: 'sales', floor: '1' },
    { floor: 'undefined' },
    { toString: 'x' },
    { department: ['law'] },
  ])('compares exactly, and every attribute of a filter: %j', async (filter) => {
    const { app } = scopedRoute([assignment(filter)]);
    expect((await ask(app, '/mailboxes/users', token)).body.code).toBe('out_of_scope');
  });

  it.each<unknown>([{}, null, 'department', { department: 1 }, { department: [] }])(
    'is 500, never everything, where a filter is %j',
    async (filter) => {
      const { app } = scopedRoute([assignment(filter)]);
      expect((await ask(app, '/mailboxes/users', token)).status).toBe(500);
      expect((await ask(app, '/mailboxes', token)).status).toBe(500);
    },
  );

  it('is 500 where the store fails, and no list is open', async () => {
    const assignedTo = () => Promise.reject(new Error('The database is away.'));
    const { app } = scopedRoute([], {}, { assignedTo });
    expect((await ask(app, '/mailboxes/users', token)).status).toBe(500);
    const { app: other } = scopedRoute({ length: 1 });
    expect((await ask(other, '/mailboxes', token)).status).toBe(500);
  });

  it('is 500 where attributes come late', async () => {
    const { mailbox } = mailboxRecord();
    const scopes = recordScopes<Mailbox>({
      record: mailbox,
      attributes: (() => Promise.reject(new Error('late'))) as never,
      assignedTo: () => [assignment({ department: 'sales' })],
    });
    const app = apiWith((each) => {
      each.get('/:id', allow(application('Mail.Send').within(scopes)), (_req, res) => {
        res.json('in');
      });
    });
    expect((await ask(app, '/users', token)).status).toBe(500);
  });

  it('cannot stand beside the bare permission', () => {
    const { scopes } = scopedRoute([]);
    expect(() => allow(application('Mail.Send').within(scopes), application('Mail.Send'))).toThrow(
      /opens everything that/,
    );
  });

  it('adds up with what the client owns, in the list too', async () => {
    const { scopes, mailbox } = scopedRoute([assignment({ department: 'sales' })]);
    const app = apiWith((each) => {
      const grants = [
        application('Mailbox.OwnedBy').ownedOnly(mailbox),
        application('Mail.Send').withinOnly(scopes),
      ] as const;
      each.get('/both', allow(...grants), (req, res) => {
        res.json(mailbox.reach(req));
      });
      each.get('/each', allow(grants[0]), allow(grants[1]), (req, res) => {
        res.json(mailbox.reach(req));
      });
    });
    const reaches = [
      { kind: 'owned', by: client },
      { kind: 'within', filters: [{ department: 'sales' }] },
    ];
    const both = as.app(['Mailbox.OwnedBy', 'Mail.Send']);
    expect((await ask(app, '/both', both)).body).toEqual({ kind: 'any-of', reaches });
    expect((await ask(app, '/each', both)).body).toEqual({ kind: 'all-of', reaches });
    expect((await ask(app, '/both', token)).body).toEqual(reaches[1]);
  });

  it('is no key to another kind of record', async () => {
    const { scopes } = scopedRoute([assignment({ department: 'sales' })]);
    const { mailbox: other } = mailboxRecord({ name: 'folder' });
    const app = apiWith((each) => {
      each.get('/:id', allow(application('Mail.Send').within(scopes)), (req, res) => {
        res.json(other.reach(req));
      });
    });
    expect((await ask(app, '/users', token)).body).toEqual({ kind: 'owned', by: client });
  });

  it('is declared with what it needs', () => {
    const { mailbox } = mailboxRecord();
    expect(() => recordScopes({ record: mailbox } as never)).toThrow(/recordScopes needs record/);
    // @ts-expect-error made by hand
    expect(() => application('Mail.Send').within({ record: mailbox })).toThrow(/takes scopes made by recordScopes/);
  });
});
