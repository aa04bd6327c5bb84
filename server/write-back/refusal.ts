/** A request that is turned down before anything is sent: what the user is told, without patient data. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: 400 | 403 | 404 | 409 | 413 | 422 | 502;
  /** Stable and safe to log. */
  readonly code: string;

  constructor(status: Refusal['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
