/** @typedef {string | Node | undefined | false} Child */

/**
 * Makes an element. Texts are texts, whatever is in them.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>} attributes functions listen to the event of that name
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return made;
}
