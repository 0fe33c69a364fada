/** @import { Explanation } from '../../explain/explain.js' */
import { element } from './element.mjs';

/**
 * What becomes of a caller, and grant by grant why.
 *
 * @param {Explanation} explanation
 */
export function verdict({ outcome, status, code, message, allows }) {
  const isIn = outcome === 'admitted';
  return element(
    'div',
    {},
    element(
      'p',
      { class: `outcome ${outcome}` },
      element('span', { 'aria-hidden': 'true' }, isIn ? '✓' : '✕'),
      isIn ? ' Admitted' : ` Refused: ${status}`,
      code !== undefined && element('code', {}, ` ${code}`),
    ),
    message !== undefined && element('p', {}, message),
    isIn && allows.length === 0 && element('p', {}, 'Anyone may call it.'),
    allows.map((grants, index) =>
      element(
        'ol',
        {
          class: 'grants',
          'aria-label': allows.length > 1 ? `Declaration ${index + 1} of ${allows.length}` : 'Grants',
        },
        grants.map((each) =>
          element(
            'li',
            { class: each.outcome === 'matched' ? 'admitted' : 'refused' },
            element('code', {}, each.grant),
            element('span', { class: 'reason' }, each.why ?? 'admits the caller'),
          ),
        ),
      ),
    ),
  );
}
