import type { LocalEntra } from '../local-entra.js';
import { at, wrong } from '../wrong.js';
import { accounts } from './accounts.js';
import { signInStep } from './sign-in-step.js';

export interface DeviceApproval {
  /** What the device shows. */
  readonly userCode: string;
  /** Name, user principal name or object id. */
  readonly user: string;
}

type Holder = Pick<LocalEntra, 'directory' | 'authorizations'>;

/** Does what the user would do on the page: enters the code, picks the account, agrees. */
export function approveDevice({ directory, authorizations }: Holder, { userCode, user }: DeviceApproval): void {
  const { deviceCode, request } = waiting(authorizations, userCode);
  const approvedBy = at('user', () => directory.users.named(user, request.tenantId));
  if (!accounts(directory, request).includes(approvedBy)) {
    throw wrong('user', `${JSON.stringify(user)} cannot sign in to ${request.application.displayName} there`);
  }
  signInStep(directory, request, { account: approvedBy.objectId, decision: 'accept' });
  authorizations.deviceCodes.decide(deviceCode, { approvedBy });
}

export function declineDevice({ authorizations }: Holder, userCode: string): void {
  authorizations.deviceCodes.decide(waiting(authorizations, userCode).deviceCode, 'declined');
}

function waiting({ deviceCodes }: LocalEntra['authorizations'], userCode: string) {
  const code = deviceCodes.waiting(userCode);
  if (!code) {
    throw wrong('userCode', `no device waits with the code ${JSON.stringify(userCode)}`);
  }
  return code;
}
