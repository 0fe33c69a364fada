/** @import { PageData, PageOperation } from '../page-data.js' */
/** @import { ChosenCaller } from '../local-callers.js' */
import { callerForm } from './caller-form.mjs';
import { element } from './element.mjs';
import { sender } from './sender.mjs';
import { verdict } from './verdict.mjs';

/**
 * Describes a caller, and says what becomes of it. The API decides; this page shows.
 *
 * @param {PageData} data
 * @param {string | undefined} wanted the operation to begin with
 */
export function explainView({ operations, permissions, callers, root }, wanted) {
  const select = element(
    'select',
    { id: 'operation' },
    operations.map(({ name }) => element('option', { value: name, selected: name === wanted }, name)),
  );
  const local = element(
    'select',
    { id: 'caller' },
    element('option', { value: '' }, 'Described below'),
    callers.map((name, index) => element('option', { value: String(index) }, name)),
  );
  const { form, ask, description, isOfRecord } = callerForm(permissions);
  const sending = sender(root);
  const told = element('div', { class: 'card verdict', 'aria-live': 'polite' });
  const operation = () => /** @type {PageOperation} */ (operations[select.selectedIndex]);

  let asked = 0;
  async function explain() {
    const mine = ++asked;
    const query = new URLSearchParams([['operation', select.value], ...description()]);
    const response = await fetch(`explain?${query}`);
    const answer = await response.json();
    // A later question may have been answered before.
    if (mine === asked) told.replaceChildren(response.ok ? verdict(answer) : String(answer.detail));
  }

  /** @param {ChosenCaller} [caller] undefined: it is one that is described */
  function call(caller) {
    if (caller === undefined) local.value = '';
    sending.as(caller, local.selectedOptions[0]?.textContent ?? '');
  }

  select.addEventListener('change', () => {
    ask(operation());
    sending.to(operation());
    void explain();
  });
  local.addEventListener('change', async () => {
    const caller = local.value === '' ? undefined : await choose(local.value);
    ask(operation(), caller);
    call(caller);
    await explain();
  });
  form.addEventListener('change', (event) => {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (!isOfRecord(name)) call();
    if (name === 'kind') ask(operation());
    void explain();
  });
  ask(operation());
  call();
  sending.to(operation());
  void explain();

  return element(
    'section',
    {},
    element('h2', { tabindex: '-1' }, 'Explain'),
    element(
      'p',
      { class: 'lead' },
      'Describe a caller. The API decides as it does for a request; nothing is sent, looked up or changed.',
    ),
    element(
      'div',
      { class: 'explainer' },
      element(
        'div',
        { class: 'card' },
        element('label', { for: 'operation' }, 'Operation'),
        select,
        callers.length > 0 && [element('label', { for: 'caller' }, 'Caller of the local Entra'), local],
        form,
      ),
      element('div', {}, told, callers.length > 0 && sending.panel),
    ),
  );
}

/**
 * @param {string} caller
 * @returns {Promise<ChosenCaller | undefined>}
 */
async function choose(caller) {
  const response = await fetch(`token?caller=${caller}`, { method: 'POST' });
  return response.ok ? response.json() : undefined;
}
