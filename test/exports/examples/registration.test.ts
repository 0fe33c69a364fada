import { manifest } from 'express-app-roles/registration';
import { expect, it } from 'vitest';
import { CLIENT_ID, permissions } from './mailboxes.js';

it('manifest', () => {
  const { appRoles, api, optionalClaims } = manifest(permissions, { clientId: CLIENT_ID });
  expect(appRoles.map(({ value }) => value)).toEqual([
    'Mailbox.ReadWrite.OwnedBy',
    'Mailbox.ReadWrite.All',
    'Mail.Send',
  ]);
  expect(api.oauth2PermissionScopes).toEqual([]);
  expect(optionalClaims.accessToken.map(({ name }) => name)).toEqual(['idtyp', 'acct']);
});
