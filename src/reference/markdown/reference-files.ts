import { describeApi, type ReferenceSource } from '../api-description.js';
import { cell } from './cell.js';
import { permissionPage } from './permission-page.js';
import { operationTitle, permissionTable } from './permission-table.js';

/**
 * The reference as Markdown files by name: `operations.md` with the permission table of each operation in the form of
 * Microsoft Graph's documentation, and `permissions/<name>.md` with what each permission opens and what is read before consent.
 * Characters of a name that a file name may not have are percent-encoded.
 */
export function referenceFiles(source: ReferenceSource): ReadonlyMap<string, string> {
  const api = describeApi(source);
  const names = Object.keys(api.catalogue);
  const operations = api.operations.map(
    (operation) => `### ${operationTitle(operation)}\n\n${permissionTable(operation, api.catalogue)}`,
  );
  const list = names.map((name) => `- [${cell(name)}](${encodeURI(fileOf(name))})`);
  return new Map([
    [
      'operations.md',
      `${['# Permissions', '## Operations', ...operations, '## All permissions', list.join('\n')].join('\n\n')}\n`,
    ],
    ...names.map((name) => [fileOf(name), `${permissionPage(name, api)}\n`] as const),
  ]);
}

function fileOf(name: string): string {
  const encoded = name.replaceAll(/[^\w.-]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return `permissions/${encoded}.md`;
}
