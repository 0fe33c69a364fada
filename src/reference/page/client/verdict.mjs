/** @import { Explanation } from '../../explain/explain.js' */
import { element } from './element.mjs';

/** @type {Readonly<Record<Explanation['allows'][number][number]['outcome'], string>>} */
const outcomes = {
  matched: 'admits the caller',
  'other-kind': 'is for callers of the other kind',
  'missing-permission': 'the caller does not hold the permission',
  'permission-disabled': 'the permission is switched off',
  'personal-account': 'not with a personal account',
  'work-account': 'with a personal account only',
  'missing-user-role': 'the user lacks the role',
  'other-tenant': 'the record is of another tenant',
  'not-owner': 'the caller does not own the record',
  'not-selected': 'the client was not granted the role on the record',
  'out-of-scope': 'the record is in no scope of the client',
  'condition-failed': 'a condition is not met',
};

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
            element('span', { class: 'reason' }, outcomes[each.outcome]),
          ),
        ),
      ),
    ),
  );
}
