/** A registry that must not be used: why, as a code for logs and screens, and in words for whoever starts the server. */

export type RefusalCode =
  /** A file is absent, may not be read, or is not JSON. */
  | 'unreadable'
  /** Not in the shape of a tenants file or of a code map. */
  | 'invalid'
  /** In shape, and unsafe (V14). */
  | 'insecure'
  /** Fewer different keys have signed it than the configuration asks for. */
  | 'unsigned'
  /** An earlier release than the one in force, or another one under its number. */
  | 'not-newer'
  /** A client secret is not where the file says. */
  | 'secret'
  /** The app's own keys cannot be used. */
  | 'app-keys';

/** The message may quote the file: it is for the terminal at a start, never for the log. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
