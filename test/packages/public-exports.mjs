import { readFileSync } from 'node:fs';

/** The package's public names by subpath, written by hand: a name that comes or goes is a change to notice. */
export const publicExports = JSON.parse(readFileSync(new URL('public-exports.json', import.meta.url), 'utf8'));

/** A module that names every export once, so that a compiler which cannot find one says so. */
export function everyExport() {
  return Object.entries(publicExports)
    .map(([subpath, { values, types }], index) => {
      const named = [...values, ...types.map((name) => `type ${name}`)].map(
        (each) => `${each} as ${each.replace('type ', '')}_${index}`,
      );
      return `export { ${named.join(', ')} } from '${subpath.replace('.', 'express-app-roles')}';\n`;
    })
    .join('');
}
