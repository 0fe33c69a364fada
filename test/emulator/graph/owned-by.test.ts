import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Graph, startGraph } from './graph-for-tests.js';

let graph: Graph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(() => graph.entra.close());

const owner = () => graph.as('Owner');
const denied = { error: { code: 'Authorization_RequestDenied', message: expect.stringContaining('Insufficient') } };

/** Registers an application as the client that has `Application.ReadWrite.OwnedBy`. */
const own = async () => (await owner().post('applications', { displayName: 'Own' })).body;
const foreign = () => graph.application('Mailroom API').objectId;

describe('Application.ReadWrite.OwnedBy', () => {
  it('POST applications: the caller becomes the owner', async () => {
    const { status, body } = await owner().post('applications', { displayName: 'Own' });
    expect([status, body.displayName]).toEqual([201, 'Own']);
    const { body: owners } = await owner().get(`applications/${body.id}/owners`);
    expect(owners.value).toMatchObject([
      { '@odata.type': '#microsoft.graph.servicePrincipal', id: graph.principal('Owner') },
    ]);
  });

  it('POST applicationTemplates/{id}/instantiate: allowed, and what comes of it is nobody’s', async () => {
    const { status, body } = await owner().post(
      'applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate',
      { displayName: 'From a template' },
    );
    expect(status).toBe(201);
    expect(body.servicePrincipal.appId).toBe(body.application.appId);
    expect((await owner().patch(`applications/${body.application.id}`, { displayName: 'x' })).status).toBe(403);
    expect((await owner().patch(`servicePrincipals/${body.servicePrincipal.id}`, {})).status).toBe(403);
  });

  it('POST servicePrincipals: only for an application that the caller owns', async () => {
    const { appId } = await own();
    const { status, body } = await owner().post('servicePrincipals', { appId });
    expect([status, body.appId]).toEqual([201, appId]);
    expect((await owner().patch(`servicePrincipals/${body.id}`, { appRoleAssignmentRequired: true })).status).toBe(204);
    graph.entra.directory.servicePrincipals.delete(graph.principal('Nightly script'));
    const foreignApp = { appId: graph.application('Nightly script').clientId };
    expect(await owner().post('servicePrincipals', foreignApp)).toMatchObject({ status: 403, body: denied });
    expect((await graph.as('Manager').post('servicePrincipals', foreignApp)).status).toBe(201);
  });

  it.each(['applications', 'servicePrincipals'])('GET %s/{id}: also what it does not own', async (kind) => {
    const id = kind === 'applications' ? foreign() : graph.principal('Mailroom API');
    expect(await owner().get(`${kind}/${id}`)).toMatchObject({ status: 200, body: { id } });
  });

  it.each(['applications', 'servicePrincipals'])('GET %s: everything in the tenant', async (kind) => {
    const { body } = await owner().get(kind);
    const names = body.value.map(({ displayName }: { displayName: string }) => displayName);
    expect(names).toEqual(expect.arrayContaining(['Mailroom API', 'Nightly script', 'Owner']));
    expect(names).not.toContain('Of Fabrikam');
    expect(body).toEqual((await graph.as('Reader').get(kind)).body);
  });

  it('GET servicePrincipals/{id}/ownedObjects: what it owns', async () => {
    const { id } = await own();
    const { body } = await owner().get(`servicePrincipals/${graph.principal('Owner')}/ownedObjects`);
    expect(body.value).toMatchObject([{ '@odata.type': '#microsoft.graph.application', id }]);
    expect(body.value).toHaveLength(1);
  });

  it('own application and service principal: read without any permission, and no other', async () => {
    const nobody = graph.as('Nobody');
    const { objectId, clientId } = graph.application('Nobody');
    for (const path of [
      `applications/${objectId}`,
      `applications(appId='${clientId}')`,
      `servicePrincipals/${graph.principal('Nobody')}`,
      `servicePrincipals(appId='${clientId}')`,
    ]) {
      expect((await nobody.get(path)).body).toMatchObject({ appId: clientId });
    }
    expect(await nobody.get(`applications/${foreign()}`)).toMatchObject({ status: 403, body: denied });
    expect((await nobody.get(`servicePrincipals/${graph.principal('Owner')}`)).status).toBe(403);
    expect((await nobody.patch(`applications/${objectId}`, { displayName: 'x' })).status).toBe(403);
    expect((await nobody.get('applications')).status).toBe(403);
  });

  it('PATCH and DELETE: only what it owns', async () => {
    const { id } = await own();
    expect((await owner().patch(`applications/${id}`, { displayName: 'Renamed' })).status).toBe(204);
    expect((await owner().get(`applications/${id}`)).body.displayName).toBe('Renamed');
    expect(await owner().patch(`applications/${foreign()}`, { displayName: 'x' })).toMatchObject({
      status: 403,
      body: denied,
    });
    expect((await owner().delete(`applications/${foreign()}`)).status).toBe(403);
    expect((await owner().delete(`servicePrincipals/${graph.principal('Mailroom API')}`)).status).toBe(403);
    expect((await owner().delete(`applications/${id}`)).status).toBe(204);
    expect((await owner().get(`applications/${id}`)).status).toBe(404);
  });

  it('an owner of the application does not own its service principal', async () => {
    const { objectId } = graph.application('Nightly script');
    graph.entra.directory.applications.addOwner(objectId, graph.principal('Owner'));
    expect((await owner().patch(`applications/${objectId}`, { displayName: 'x' })).status).toBe(204);
    expect((await owner().delete(`servicePrincipals/${graph.principal('Nightly script')}`)).status).toBe(403);
  });

  it('addPassword and removePassword: only what it owns', async () => {
    const { id } = await own();
    const added = await owner().post(`applications/${id}/addPassword`, { passwordCredential: { displayName: 'ci' } });
    expect(added).toMatchObject({
      status: 200,
      body: { displayName: 'ci', secretText: expect.stringMatching(/.{30}/) },
    });
    const { keyId } = added.body;
    expect((await owner().post(`applications/${id}/removePassword`, { keyId })).status).toBe(204);
    expect((await owner().post(`applications/${foreign()}/addPassword`)).status).toBe(403);
    const theirs = graph.application('Mailroom API').passwordCredentials[0]?.keyId;
    expect((await owner().post(`applications/${foreign()}/removePassword`, { keyId: theirs })).status).toBe(403);
  });

  it('a service principal that it owns: its owners too, but for a new one', async () => {
    const { appId } = await own();
    const { id } = (await owner().post('servicePrincipals', { appId })).body;
    const path = `servicePrincipals/${id}/owners`;
    const reference = { '@odata.id': `${graph.entra.origin}/v1.0/directoryObjects/${graph.principal('Olga')}` };
    expect((await owner().post(`${path}/$ref`, reference)).status).toBe(403);
    expect((await graph.as('Manager').post(`${path}/$ref`, reference)).status).toBe(204);
    expect((await graph.as('Manager').post(`${path}/$ref`, reference)).status).toBe(400);
    expect((await owner().delete(`${path}/${graph.principal('Olga')}/$ref`)).status).toBe(204);
    expect((await owner().get(path)).body.value).toMatchObject([{ id: graph.principal('Owner') }]);
    expect((await owner().delete(`servicePrincipals/${id}`)).status).toBe(204);
  });

  it('GET owners: yes', async () => {
    const { body } = await owner().get(`applications/${foreign()}/owners`);
    expect(body.value).toMatchObject([{ '@odata.type': '#microsoft.graph.user', id: graph.principal('Olga') }]);
  });

  it.each(['Owner', 'Owner and reader'])('POST owners/$ref: not even on what it owns, as %s', async (name) => {
    const { body } = await graph.as(name).post('applications', { displayName: 'Own' });
    const reference = {
      '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${graph.principal('Nightly script')}`,
    };
    const path = `applications/${body.id}/owners/$ref`;
    expect(await graph.as(name).post(path, reference)).toMatchObject({ status: 403, body: denied });
    expect((await graph.as('Manager').post(path, reference)).status).toBe(204);
    expect((await graph.as(name).get(`applications/${body.id}/owners`)).body.value).toHaveLength(2);
  });

  it('DELETE owners/{id}/$ref: on what it owns', async () => {
    const { id } = await own();
    expect((await owner().delete(`applications/${foreign()}/owners/${graph.principal('Olga')}/$ref`)).status).toBe(403);
    expect((await owner().delete(`applications/${id}/owners/${graph.principal('Owner')}/$ref`)).status).toBe(204);
    expect((await owner().patch(`applications/${id}`, { displayName: 'x' })).status).toBe(403);
  });

  it('app role assignments: to be read, not to be made or taken, not even on what it owns', async () => {
    const { appId } = await own();
    const { id } = (await owner().post('servicePrincipals', { appId })).body;
    const assignment = {
      principalId: id,
      resourceId: graph.principal('Mailroom API'),
      appRoleId: graph.roleId('Mail.Read'),
    };
    expect(await owner().post(`servicePrincipals/${id}/appRoleAssignments`, assignment)).toMatchObject({
      status: 403,
      body: denied,
    });
    graph.entra.assignAppRole({ principal: appId, resource: 'Mailroom API', appRole: 'Mail.Read' });
    const { body } = await owner().get(`servicePrincipals/${id}/appRoleAssignments`);
    expect(body.value).toMatchObject([assignment]);
    expect(
      (await owner().get(`servicePrincipals/${assignment.resourceId}/appRoleAssignedTo`)).body.value,
    ).toMatchObject([assignment]);
    expect((await owner().delete(`servicePrincipals/${id}/appRoleAssignments/${body.value[0].id}`)).status).toBe(403);
  });

  it('oauth2PermissionGrants: not at all', async () => {
    expect(await owner().get('oauth2PermissionGrants')).toMatchObject({ status: 403, body: denied });
    expect((await owner().post('oauth2PermissionGrants')).status).toBe(403);
  });
});
