/** What a client has to do differently. Who may call was decided before. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: 400 | 403 | 404 | 409;

  constructor(status: Problem['status'], detail: string) {
    super(detail);
    this.status = status;
  }
}
