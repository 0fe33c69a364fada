import type { Reason } from './decide.js';

/** Why a grant did not match, as the end of a sentence about it. */
export function describeReason(reason: Reason): string {
  return texts[reason];
}

const texts: Readonly<Record<Reason, string>> = {
  'other-kind': 'is for callers of the other kind',
  'missing-permission': 'the caller does not hold the permission',
  'permission-disabled': 'the permission is switched off in the API',
  'personal-account': 'the permission is not for personal accounts',
  'work-account': 'the permission is for personal accounts only',
  'missing-user-role': 'the user lacks the role',
  'other-tenant': 'the record is of another tenant',
  'not-owner': 'the caller does not own the record',
  'not-selected': 'the client was not granted the role on the record',
  'out-of-scope': 'the record is in no scope of the client',
  'condition-failed': 'a condition is not met',
};
