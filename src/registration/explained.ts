import { GraphRequestError } from './graph-client.js';

/** What to do about a refusal of Microsoft Graph: about what is not there, and about what the caller may not do. */
export interface Explanations {
  readonly missing?: string;
  readonly denied?: string;
}

/** What Microsoft Graph is asked, with a refusal that says what to do. */
export function explained<T>(asked: Promise<T>, { missing, denied }: Explanations): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof GraphRequestError)) {
      throw error;
    }
    const { status, code, message } = error;
    if (status === 404 && missing !== undefined) {
      throw new GraphRequestError(missing, status, code);
    }
    throw status === 403 && denied !== undefined ? new GraphRequestError(`${message} ${denied}`, status, code) : error;
  });
}
