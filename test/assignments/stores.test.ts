import type { Principal } from 'express-app-roles';
import type { AssignmentStore, ScopeName } from 'express-app-roles/assignments';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stores } from './stores.js';

const tenantId = '7e570000-0000-4000-8000-00000000000a';
const otherTenantId = '7e570000-0000-4000-8000-00000000000b';
const client: Principal = { tenantId, objectId: '5b000000-0000-4000-8000-00000000000a' };
const other: Principal = { tenantId, objectId: '5b000000-0000-4000-8000-00000000000b' };
const foreign: Principal = { tenantId: otherTenantId, objectId: client.objectId };
const admin: Principal = { tenantId, objectId: '0b000000-0000-4000-8000-000000000001' };
const shouting = ({ objectId }: Principal): Principal => ({
  tenantId: tenantId.toUpperCase(),
  objectId: objectId.toUpperCase(),
});

let last = 0;
/** A name that no other test has used. */
const fresh = (what: string) => `${what}-${++last}`;

describe.each(stores)('assignments in $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>;
  let store: AssignmentStore;
  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  });
  afterAll(() => opened.close());

  describe('grants of single records', () => {
    const selection = () => ({ record: 'mailbox', key: fresh('key'), client, roles: ['read', 'send'] });

    it('are read by client, key and kind of record, exactly', async () => {
      const { key } = await put(selection());
      expect(await store.rolesOf(client, key, 'mailbox')).toEqual(['read', 'send']);
      expect(await store.rolesOf(shouting(client), key, 'mailbox')).toEqual(['read', 'send']);
      for (const stranger of [other, foreign]) expect(await store.rolesOf(stranger, key, 'mailbox')).toEqual([]);
      expect(await store.rolesOf(client, key.toUpperCase(), 'mailbox')).toEqual([]);
      expect(await store.rolesOf(client, key, 'folder')).toEqual([]);
    });

    it('are replaced as a whole', async () => {
      const { key } = await put(selection());
      expect(await store.putSelection({ record: 'mailbox', key, client: shouting(client), roles: ['send'] })).toBe(
        'replaced',
      );
      expect(await store.rolesOf(client, key, 'mailbox')).toEqual(['send']);
      expect(await store.selections({ record: 'mailbox', key })).toEqual([
        { record: 'mailbox', key, client, roles: ['send'] },
      ]);
    });

    it('end one by one, or with their record', async () => {
      const { key } = await put(selection());
      await put({ record: 'mailbox', key, client: other, roles: ['read'] });
      await put({ record: 'mailbox', key, client: foreign, roles: ['read'] });
      const of = { record: 'mailbox', key, client };
      expect([await store.deleteSelection(of), await store.deleteSelection(of)]).toEqual([true, false]);
      expect((await store.selections({ record: 'mailbox', key })).map((each) => each.client)).toEqual([other, foreign]);
      await store.deleteSelections({ record: 'mailbox', key });
      expect(await store.selections({ record: 'mailbox', key })).toEqual([]);
    });

    it('have a role and a principal', async () => {
      await expect(store.putSelection({ ...selection(), roles: [] })).rejects.toThrow(/name a role/);
      const byName = { tenantId, objectId: 'ada@contoso.test' };
      await expect(store.putSelection({ ...selection(), client: byName })).rejects.toThrow(/two GUIDs/);
    });

    async function put(of: Parameters<AssignmentStore['putSelection']>[0]) {
      expect(await store.putSelection(of)).toBe('created');
      return of;
    }
  });

  describe('scopes and assignments', () => {
    const filter = { department: ['sales', 'law'], floor_number: '1', "it's": '"quoted" \\' };

    async function scope(of: Partial<ScopeName> = {}): Promise<ScopeName> {
      const named = { tenantId, record: 'mailbox', name: fresh('scope'), ...of };
      expect(await store.putScope({ ...named, filter })).toBe('created');
      return named;
    }
    const assign = (of: ScopeName, changes: { client?: Principal; permission?: string; reason?: string } = {}) =>
      store.assign({
        record: of.record,
        scope: of.name,
        client,
        permission: 'Mail.Send',
        reason: undefined,
        createdBy: admin,
        ...changes,
      });

    it('are read by client, permission and kind of record, exactly', async () => {
      const permission = fresh('Permission');
      const of = await scope();
      const assigned = await assign(of, { permission, reason: 'Ticket 12' });
      if (typeof assigned === 'string') throw new Error(assigned);
      const expected = [{ assignment: assigned.id, scope: of.name, filter }];
      expect(await store.assignedTo(client, permission, 'mailbox')).toEqual(expected);
      expect(await store.assignedTo(shouting(client), permission, 'mailbox')).toEqual(expected);
      for (const stranger of [other, foreign])
        expect(await store.assignedTo(stranger, permission, 'mailbox')).toEqual([]);
      expect(await store.assignedTo(client, permission.toLowerCase(), 'mailbox')).toEqual([]);
      expect(await store.assignedTo(client, permission, 'folder')).toEqual([]);
      expect(await store.assignments(of)).toEqual([assigned]);
      expect(assigned).toMatchObject({ client, permission, reason: 'Ticket 12', createdBy: admin, scope: of.name });
    });

    it('add up, once for each permission', async () => {
      const permission = fresh('Permission');
      const scopes = [await scope(), await scope()];
      for (const each of scopes) expect(await assign(each, { permission })).toMatchObject({ permission });
      expect(await assign(scopes[0] as ScopeName, { permission, client: shouting(client) })).toBe('already-assigned');
      expect((await store.assignedTo(client, permission, 'mailbox')).map((each) => each.scope)).toEqual(
        scopes.map(({ name }) => name),
      );
    });

    it('belong to a tenant: another has no part in them', async () => {
      const of = await scope();
      const ofOther = { ...of, tenantId: otherTenantId };
      expect(await assign(of, { client: foreign })).toBe('no-such-scope');
      expect(await store.deleteScope(ofOther)).toBe('absent');
      expect(
        (await store.scopes({ tenantId: otherTenantId, record: 'mailbox' })).map(({ name }) => name),
      ).not.toContain(of.name);
      await store.putScope({ ...ofOther, filter: { department: 'tax' } });
      expect(await store.scopes({ tenantId, record: 'mailbox' })).toContainEqual({ ...of, filter });
    });

    it('a changed filter holds for everyone who is assigned', async () => {
      const [of, permission] = [await scope(), fresh('Permission')];
      await assign(of, { permission });
      expect(await store.putScope({ ...of, filter: { department: 'tax' } })).toBe('replaced');
      expect(await store.assignedTo(client, permission, 'mailbox')).toMatchObject([{ filter: { department: 'tax' } }]);
    });

    it('deleting only takes away, and a scope that is in use stays', async () => {
      const [of, permission] = [await scope(), fresh('Permission')];
      const assigned = await assign(of, { permission });
      if (typeof assigned === 'string') throw new Error(assigned);
      expect(await store.deleteScope(of)).toBe('assigned');
      expect(await store.unassign(await scope(), assigned.id)).toBe(false);
      expect(await store.unassign({ ...of, tenantId: otherTenantId }, assigned.id)).toBe(false);
      expect(await store.unassign(of, 'no-guid')).toBe(false);
      expect(await store.assignedTo(client, permission, 'mailbox')).toHaveLength(1);
      expect([await store.unassign(of, assigned.id), await store.unassign(of, assigned.id)]).toEqual([true, false]);
      expect(await store.assignedTo(client, permission, 'mailbox')).toEqual([]);
      expect([await store.deleteScope(of), await store.deleteScope(of)]).toEqual(['deleted', 'absent']);
      expect(await assign(of)).toBe('no-such-scope');
    });

    it.each([{}, { department: [] }, { department: 1 }, null])('no scope is for everything: %j', async (wrong) => {
      const of = { tenantId, record: 'mailbox', name: fresh('scope') };
      await expect(store.putScope({ ...of, filter: wrong as never })).rejects.toThrow(/at least one attribute/);
      expect(await store.deleteScope(of)).toBe('absent');
    });

    it('what was read or written cannot be changed from outside', async () => {
      const [of, permission] = [await scope(), fresh('Permission')];
      await assign(of, { permission });
      const written = { department: ['sales'] };
      await store.putScope({ ...of, filter: written });
      written.department.push('law');
      const [read] = await store.assignedTo(client, permission, 'mailbox');
      try {
        (read as unknown as { filter: { department: string[] } }).filter.department.push('tax');
      } catch {
        // Frozen: that is one way.
      }
      expect(await store.assignedTo(client, permission, 'mailbox')).toMatchObject([
        { filter: { department: ['sales'] } },
      ]);
    });
  });
});
