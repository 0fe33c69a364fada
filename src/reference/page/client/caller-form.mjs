/** @import { PageData, PageOperation } from '../page-data.js' */
/** @import { ChosenCaller } from '../local-callers.js' */
import { element } from './element.mjs';

const kinds = { application: 'A client, as itself', delegated: 'A user, through a client', anonymous: 'No token' };

const questions = {
  there: 'It exists',
  owned: 'The caller owns it',
  selected: 'The client was granted the role on it',
  within: 'It is in a scope of the client',
  conditions: "The API's own conditions are met",
};

/**
 * Asks for the description of a caller. What was answered stays answered, where it is still asked.
 *
 * @param {PageData['permissions']} permissions
 */
export function callerForm(permissions) {
  const kind = choices(
    'Who calls',
    Object.entries(kinds).map(([value, text]) => option('radio', 'kind', value, text, value === 'application')),
  );
  const rest = element('div', {});
  const form = element('form', { submit: (event) => event.preventDefault() }, kind, rest);
  /** What is true of the record that is asked for, whoever calls. */
  const record = new Set(['there']);
  form.addEventListener('change', (event) => {
    const { name, checked } = /** @type {HTMLInputElement} */ (event.target);
    if (!(name in questions)) return;
    if (checked) record.add(name);
    else record.delete(name);
  });

  /**
   * @param {PageOperation} operation what it asks for comes first
   * @param {Pick<ChosenCaller, 'kind' | 'permissions' | 'userRoles' | 'account'>} [caller] answers for itself
   */
  function ask({ asks, alternatives }, caller) {
    for (const input of kind.querySelectorAll('input')) if (input.value === caller?.kind) input.checked = true;
    const before = new FormData(form);
    const who = before.get('kind');
    const account = caller?.account ?? before.get('account') ?? 'work';
    const asked = new Set(
      alternatives.flatMap((each) => (each.kind === who ? [...each.permissions, ...each.userRoles] : [])),
    );
    const named = (
      /** @type {string} */ legend,
      /** @type {'delegated' | 'application' | 'userRole'} */ which,
      /** @type {'permission' | 'userRole'} */ name,
    ) => {
      const held = new Set(
        caller?.[name === 'permission' ? 'permissions' : 'userRoles'] ?? before.getAll(name).map(String),
      );
      const names = permissions.flatMap((each) => (each[which] === undefined ? [] : each.name));
      names.sort((one, other) => Number(asked.has(other)) - Number(asked.has(one)));
      return choices(
        legend,
        names.map((each) => option('checkbox', name, each, each, held.has(each), asked.has(each))),
      );
    };
    rest.replaceChildren(
      ...(who === 'application'
        ? [named('Application permissions that were granted', 'application', 'permission')]
        : []),
      ...(who === 'delegated'
        ? [
            named('Delegated permissions that were consented to', 'delegated', 'permission'),
            named('Roles of the user', 'userRole', 'userRole'),
            choices('Account', [
              option('radio', 'account', 'work', 'Work or school', account === 'work'),
              option('radio', 'account', 'personal', 'Personal Microsoft account', account === 'personal'),
            ]),
          ]
        : []),
      ...(who === 'anonymous' || asks.length === 0
        ? []
        : [
            choices(
              'The record that is asked for',
              asks.map((name) => option('checkbox', name, '', questions[name], record.has(name))),
            ),
          ]),
    );
  }

  return {
    form,
    ask,
    /** As the explainer takes it. */
    description: () => [...new FormData(form)].map(([name, value]) => [name, String(value)]),
    /** Whether a question is about the record, and not about the caller. */
    isOfRecord: (/** @type {string} */ name) => name in questions,
  };
}

/**
 * @param {string} legend
 * @param {readonly HTMLElement[]} options
 */
function choices(legend, options) {
  return element('fieldset', { hidden: options.length === 0 }, element('legend', {}, legend), options);
}

/**
 * @param {'radio' | 'checkbox'} type
 * @param {string} name
 * @param {string} value
 * @param {string} text
 * @param {boolean} checked
 * @param {boolean} [isAsked] whether the operation asks for it
 */
function option(type, name, value, text, checked, isAsked = false) {
  return element(
    'label',
    { class: isAsked ? 'choice asked' : 'choice' },
    element('input', { type, name, value, checked }),
    element('span', {}, text),
  );
}
