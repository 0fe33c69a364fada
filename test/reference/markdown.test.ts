import { definePermissions } from 'express-app-roles';
import { referenceFiles } from 'express-app-roles/reference';
import { expect, it } from 'vitest';
import { createApp, permissions } from './api.js';

const files = referenceFiles({ app: createApp(), permissions });

/** What stands under the heading of an operation. */
function section(operation: string): string {
  const [, rest = ''] = (files.get('operations.md') ?? '').split(`### \`${operation}\`\n\n`);
  return rest.split('\n\n##')[0] ?? '';
}

it("has a table for each operation, in the form of Microsoft Graph's documentation", () => {
  expect(section('GET /notes/:id')).toBe(
    `
|Permission type|Least privileged permissions|Higher privileged permissions|
|:---|:---|:---|
|Delegated (work or school account)|Note.Read|Not available.|
|Delegated (personal Microsoft account)|Note.Read|Not available.|
|Application|Note.Selected|Note.ReadWrite.OwnedBy, Note.Read|

- Note.Read (delegated): only a note that the user owns.
- Note.Selected (application): only a note on which the client was granted the role read.
- Note.ReadWrite.OwnedBy (application): only a note that the client owns.`.trim(),
  );
});

it('puts permissions that are needed together together, and leaves out what is switched off', () => {
  expect(section('DELETE /notes/:id')).toBe(
    `
|Permission type|Least privileged permissions|Higher privileged permissions|
|:---|:---|:---|
|Delegated (work or school account)|Note.Write and Note.Share|Not available.|
|Delegated (personal Microsoft account)|Not supported.|Not supported.|
|Application|Note.Write and Note.Read|Note.ReadWrite.OwnedBy and Note.Read|

- Note.ReadWrite.OwnedBy and Note.Read (application): only a note that the client owns.`.trim(),
  );
});

it('says what anyone may call', () => {
  expect(section('GET /health')).toBe('Anyone may call it, without a token too.');
});

it('has a page for each permission', () => {
  expect([...files.keys()]).toEqual([
    'operations.md',
    ...Object.keys(permissions.catalogue).map((name) => `permissions/${name}.md`),
  ]);
  expect(files.get('permissions/Note.Read.md')).toBe(
    `
# Note.Read

|Category|Application|Delegated|
|:---|:---|:---|
|DisplayText|Do it|Do it|
|Description|Lets the app do it.|Lets the app do it.|
|UserDisplayText|–|Do it for you|
|UserDescription|–|Lets the app do it for you.|
|AdminConsentRequired|Yes|No|

## Operations

|Operation|As|Limits|
|:---|:---|:---|
|\`GET /notes\`|application|–|
|\`GET /notes/:id\`|delegated|only a note that the user owns|
|\`GET /notes/:id\`|application|–|
|\`DELETE /notes/:id\`|application|together with Note.Write|
|\`DELETE /notes/:id\`|application|together with Note.ReadWrite.OwnedBy; only a note that the client owns|
`.trimStart(),
  );
  expect(files.get('permissions/Note.Old.md')).toContain('|State|Switched off: it opens nothing|');
  expect(files.get('permissions/Note.Editor.md')).toContain('|`PATCH /notes/:id`|delegated|together with Note.Write;');
});

it('takes texts for texts, and names for names of files in one folder', () => {
  const evil = definePermissions({
    'a/../../b*?.Read': { application: { displayName: 'A|B <img> [x](y)', description: 'two\nlines & `code`' } },
  });
  const written = referenceFiles({ app: createApp(), permissions: evil });
  expect([...written.keys()]).toEqual(['operations.md', 'permissions/a%2F..%2F..%2Fb%2A%3F.Read.md']);
  const page = written.get('permissions/a%2F..%2F..%2Fb%2A%3F.Read.md');
  expect(page).toContain('|DisplayText|A\\|B \\<img\\> \\[x\\](y)|\n|Description|two lines \\& \\`code\\`|');
});
