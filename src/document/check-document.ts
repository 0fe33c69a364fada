import { ConfigurationError } from '../errors/index.js';
import { type PermissionsDocument, schemes } from './permissions-document.js';

/**
 * That a value has the shape of a permissions document. What it says may still be wrong: see `DocumentFinding`.
 *
 * @throws ConfigurationError that names the member
 */
export function checkDocument(document: unknown): PermissionsDocument {
  const root = requireObject(document, 'permissionsFromDocument takes a permissions document: it');
  const permissions = Object.entries(requireObject(root.permissions, "permissionsFromDocument: 'permissions'"));
  if (permissions.length === 0)
    throw new ConfigurationError('permissionsFromDocument: the document has no permission. Nothing could be called.');
  for (const [name, given] of permissions) {
    const permission = requireObject(given, `${name}`);
    const known = Object.entries(requireObject(permission.schemes, `${name}.schemes`));
    for (const [scheme, description] of known) requireObject(description, `${name}.schemes.${scheme}`);
    if (!schemes.some((scheme) => known.some(([key]) => key === scheme)))
      throw new ConfigurationError(`${name}.schemes: at least one of ${schemes.join(', ')} must be there.`);
    requireList(permission.pathSets, `${name}.pathSets`).forEach((pathSet, index) => {
      checkPathSet(pathSet, `${name}.pathSets[${index}]`);
    });
  }
  return document as PermissionsDocument;
}

function checkPathSet(given: unknown, where: string): void {
  const pathSet = requireObject(given, where);
  for (const member of ['schemeKeys', 'methods']) {
    for (const each of requireList(pathSet[member], `${where}.${member}`)) requireText(each, `${where}.${member}`);
  }
  for (const [path, properties] of Object.entries(requireObject(pathSet.paths, `${where}.paths`)))
    requireText(properties, `${where}.paths['${path}']`);
  if (pathSet.alsoRequires !== undefined) requireText(pathSet.alsoRequires, `${where}.alsoRequires`);
}

function requireObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigurationError(`${where} must be an object.`);
  return value as Readonly<Record<string, unknown>>;
}

function requireList(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ConfigurationError(`${where} must be a list.`);
  return value;
}

function requireText(value: unknown, where: string): void {
  if (typeof value !== 'string') throw new ConfigurationError(`${where} must be text.`);
}
