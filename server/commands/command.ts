/** What a command of the command line gets and gives back. */
import type { LoadedLibrary } from '../library.ts';

/** Where a command writes: JSON to `out`, prose to `err`; both take one line without its end. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly stdin: () => Promise<string>;
}

/** 0: all held; 1: something fell short; 2: bad usage. */
export type ExitCode = 0 | 1 | 2;

/** What every command is given. */
export interface CommandRequest {
  /** Arguments after the command's own words. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** The library in force, read once when first asked for. */
  readonly library: () => Promise<LoadedLibrary>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** One command of `npm run attune`. */
export type Command = (request: CommandRequest) => Promise<ExitCode>;

/** The caller asked for something that is not offered; shown with the usage, exit code 2. */
export class UsageError extends Error {}
