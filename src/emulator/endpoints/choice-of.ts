import type { Choice } from '../authorization/sign-in-step.js';

/** What a person chose on a page. */
export function choiceOf(form: URLSearchParams): Choice {
  const decision = form.get('decision');
  return {
    account: form.get('account') ?? undefined,
    decision: decision === 'accept' || decision === 'decline' ? decision : undefined,
    forEveryone: form.get('everyone') === 'yes',
  };
}
