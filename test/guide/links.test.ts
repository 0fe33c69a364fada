import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const left = ['node_modules', 'dist', '.git', 'html'];

/** Every Markdown file of the repository; what is installed or generated is left out. */
function markdown(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return left.includes(entry.name) ? [] : markdown(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const withoutCode = (text: string) => text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').replace(/`[^`\n]*`/g, '');

/** Inline links and the definitions of those by reference, images included. */
function links(text: string): string[] {
  const prose = withoutCode(text);
  const inline = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const defined = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...defined]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target));
}

/** What GitHub makes of headings, code in them included. */
function anchors(text: string): string[] {
  const headings = text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

const files = markdown(root);

test('there are pages to look at', () => {
  expect(files.map((file) => relative(root, file).split(sep).join('/'))).toEqual(
    expect.arrayContaining(['README.md', 'docs/README.md', 'docs/guide/threat-model.md']),
  );
});

test.each(files.map((file) => [relative(root, file), file]))(
  'the relative links of %s lead somewhere',
  (_name, file) => {
    const dead = links(readFileSync(file, 'utf8')).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
      if (!existsSync(target)) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(dead).toEqual([]);
  },
);

test('every page is in the index', () => {
  const docs = join(root, 'docs');
  const listed = links(readFileSync(join(docs, 'README.md'), 'utf8')).map((link) => join(docs, link));
  const pages = files.filter((file) => file.startsWith(docs + sep) && file !== join(docs, 'README.md'));
  expect(pages.filter((page) => !listed.includes(page))).toEqual([]);
});
