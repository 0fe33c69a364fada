import { readFileSync } from 'node:fs';
import { manifest } from 'express-app-roles/registration';
import { expect, test } from 'vitest';
import { permissions } from './consent.js';

const page = readFileSync(new URL('../../docs/guide/naming-and-consent.md', import.meta.url), 'utf8');
const { appRoles, api } = manifest(permissions, { clientId: '7e570000-0000-4000-8000-0000000000c0' });

test.each(api.oauth2PermissionScopes)('the page shows who may consent to $value, and what they read', (scope) => {
  const { value, type, adminConsentDisplayName, userConsentDisplayName } = scope;
  const who = type === 'User' ? 'a user, or an administrator' : 'an administrator';
  expect(page).toContain(
    `| \`${value}\`, scope | ${who} | ${adminConsentDisplayName} | ${userConsentDisplayName ?? ''} |`,
  );
});

test.each(appRoles)('the page shows what an administrator reads of $value', ({ value, displayName, ...role }) => {
  const forWhom = role.allowedMemberTypes.includes('User') ? 'app role for users' : 'app role for clients';
  expect(page).toContain(`| \`${value}\`, ${forWhom} | an administrator | ${displayName} |  |`);
});
