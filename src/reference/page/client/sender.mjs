/** @import { PageOperation } from '../page-data.js' */
/** @import { ChosenCaller } from '../local-callers.js' */
import { element } from './element.mjs';

/**
 * Sends the real request to the API, as a caller of the local Entra.
 *
 * @param {string} root where the API's paths begin, relative to this page
 */
export function sender(root) {
  const parameters = element('div', {});
  const body = element('textarea', { id: 'body', rows: '4', spellcheck: 'false' });
  const bodyField = element('div', {}, element('label', { for: 'body' }, 'Body (JSON)'), body);
  const button = element('button', { type: 'submit' }, 'Send the request');
  const answer = element('div', { 'aria-live': 'polite' });
  const hint = element('p', { class: 'muted' });
  const suggestions = element('datalist', { id: 'object-ids' });
  /** @type {PageOperation | undefined} */
  let operation;
  /** @type {ChosenCaller | undefined} */
  let caller;

  function update() {
    button.disabled = caller === undefined || operation?.template === undefined;
    answer.replaceChildren();
  }

  async function send() {
    const { method = 'GET', template = '/' } = operation ?? {};
    const values = new FormData(panel);
    const path = template.replaceAll(/\{([^}]+)\}/g, (_, name) =>
      encodeURIComponent(String(values.get(`:${name}`) ?? '')),
    );
    const hasBody = hasBodyOf(method);
    /** @type {HeadersInit} */
    const headers = {
      Authorization: `Bearer ${caller?.token}`,
      ...(hasBody && { 'Content-Type': 'application/json' }),
    };
    try {
      const response = await fetch(new URL(root + path.slice(1), location.href), {
        method,
        headers,
        ...(hasBody && { body: body.value }),
      });
      answer.replaceChildren(...(await show(response)));
    } catch {
      answer.replaceChildren(element('p', { class: 'outcome refused' }, 'The request could not be sent.'));
    }
  }

  const panel = element(
    'form',
    {
      class: 'card sender',
      'aria-labelledby': 'send-title',
      submit: (event) => {
        event.preventDefault();
        void send();
      },
    },
    element('h3', { id: 'send-title' }, 'Send it'),
    hint,
    parameters,
    suggestions,
    bodyField,
    button,
    answer,
  );

  return {
    panel,
    /** @param {PageOperation} chosen */
    to(chosen) {
      operation = chosen;
      const names = [...(chosen.template ?? '').matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
      parameters.replaceChildren(
        ...names.flatMap((name) => [
          element('label', { for: `parameter-${name}` }, `:${name}`),
          element('input', {
            id: `parameter-${name}`,
            name: `:${name}`,
            required: true,
            list: 'object-ids',
            autocomplete: 'off',
            value: caller?.objectId,
          }),
        ]),
      );
      bodyField.hidden = !hasBodyOf(chosen.method);
      body.value = '{}';
      update();
    },
    /**
     * @param {ChosenCaller | undefined} chosen
     * @param {string} name
     */
    as(chosen, name) {
      caller = chosen;
      hint.textContent =
        chosen === undefined
          ? 'Choose a caller of the local Entra first.'
          : `With a token of ${name}, from the local Entra.`;
      suggestions.replaceChildren(
        ...(chosen ? [element('option', { value: chosen.objectId }, `The object id of ${name}`)] : []),
      );
      for (const input of parameters.querySelectorAll('input')) input.value ||= chosen?.objectId ?? '';
      update();
    },
  };
}

/** @param {string} method */
function hasBodyOf(method) {
  return method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
}

const shown = ['content-type', 'www-authenticate', 'location', 'retry-after'];
const mostShown = 20_000;

/** @param {Response} response */
async function show(response) {
  const { status, statusText, headers, ok } = response;
  const text = await response.text();
  const lines = shown.flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []));
  return [
    element('p', { class: `outcome ${ok ? 'admitted' : 'refused'}` }, `${status} ${statusText}`),
    element(
      'pre',
      { tabindex: '0', 'aria-label': 'Answer' },
      [...lines, '', formatted(text).slice(0, mostShown)].join('\n').trim(),
    ),
  ];
}

/** @param {string} text */
function formatted(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
