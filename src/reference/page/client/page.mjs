/** @import { PageData } from '../page-data.js' */
import { element } from './element.mjs';
import { explainView } from './explainer.mjs';
import { matrixView } from './matrix.mjs';
import { operationsView } from './operations.mjs';
import { permissionsView } from './permissions.mjs';

/** @type {Readonly<Record<string, (data: PageData, rest: string | undefined) => HTMLElement>>} */
const views = { operations: operationsView, permissions: permissionsView, matrix: matrixView, explain: explainView };

const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const search = /** @type {HTMLInputElement} */ (document.querySelector('#search'));
const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('nav a'));
const found = element('p', { class: 'muted', role: 'status' });

const response = await fetch('reference.json');
/** @type {PageData} */
const data = await response.json();

/** The view that the address names: `#explain/GET%20%2Fme`. */
function show() {
  const [name = '', rest] = location.hash.slice(1).split('/', 2);
  const view = Object.hasOwn(views, name) ? name : 'operations';
  for (const link of links) {
    if (link.hash === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const made = views[view]?.(data, rest === undefined ? undefined : decodeURIComponent(rest));
  main.replaceChildren(found, ...(made ? [made] : []));
  search.hidden = view === 'explain';
  document.title = `${made?.querySelector('h2')?.textContent} – ${data.title}`;
  filter();
}

/** Every word must be somewhere in what is shown. */
function filter() {
  const words = search.hidden ? [] : search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = /** @type {NodeListOf<HTMLElement>} */ (main.querySelectorAll('[data-search]'));
  let count = 0;
  for (const each of all) {
    const text = each.dataset.search?.toLowerCase() ?? '';
    each.hidden = !words.every((word) => text.includes(word));
    if (!each.hidden) count++;
  }
  found.textContent = words.length === 0 ? '' : `${count} of ${all.length}`;
}

document.querySelector('h1')?.replaceChildren(data.title);
document
  .querySelector('footer')
  ?.replaceChildren(...data.documents.flatMap((name) => [element('a', { href: name }, name), ' ']));
search.addEventListener('input', filter);
addEventListener('hashchange', () => {
  show();
  /** @type {HTMLElement | null} */ (main.querySelector('h2'))?.focus({ preventScroll: true });
  scrollTo(0, 0);
});
show();
