import { type Catalogue, limitsOf } from '../../permissions/index.js';
import { type ApiOperation, operationName } from '../api-description.js';
import { permissionRows, permissionText } from '../permission-rows.js';

/**
 * Who may call an operation, as Microsoft Graph's documentation says it: a row for each way of signing in, in it the least
 * privileged permission and the others. What a permission demands beside it is said below the table.
 */
export function permissionTable(operation: ApiOperation, catalogue: Catalogue): string {
  if (operation.access === 'public') return 'Anyone may call it, without a token too.';
  if (operation.access === 'undeclared') return 'No one may call it: the route declares nothing.';
  const rows = permissionRows(operation, catalogue).map(({ title, permissions: [least, ...higher] }) => {
    if (least === undefined) return [title, 'Not supported.', 'Not supported.'];
    return [title, escaped(least), higher.map(escaped).join(', ') || 'Not available.'];
  });
  const table = [
    ['Permission type', 'Least privileged permissions', 'Higher privileged permissions'],
    [':---', ':---', ':---'],
    ...rows,
  ];
  return [table.map((row) => `|${row.join('|')}|`).join('\n'), ...limits(operation)].join('\n\n');
}

/** The heading of an operation. */
export function operationTitle(operation: ApiOperation): string {
  return `\`${operationName(operation)}\``;
}

function escaped(permission: string): string {
  return permission.replaceAll('|', '\\|');
}

function limits({ alternatives }: ApiOperation): readonly string[] {
  const lines = alternatives.flatMap((alternative) => {
    const limited = [...new Set(alternative.grants.flatMap(limitsOf))];
    return limited.length === 0
      ? []
      : [`- ${permissionText(alternative)} (${alternative.kind}): ${limited.join('; ')}.`];
  });
  return lines.length === 0 ? [] : [[...new Set(lines)].join('\n')];
}
