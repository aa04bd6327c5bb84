/** A way out whose traffic is counted where the bytes pass, before anything unpacks them. */
import type { Dispatcher } from 'undici';

/** Told what comes of one request. */
export interface Counting {
  answered(status: number): void;
  /** Bytes of the body, as they came over the wire. */
  received(bytes: number): void;
  /** There was no answer, or it broke off. */
  failed(): void;
}

/** The same way out, for one request. */
export function counted(pool: Dispatcher, counting: Counting): Dispatcher {
  return pool.compose((dispatch) => (options, handler) => dispatch(options, heard(handler, counting)));
}

type Handler = Dispatcher.DispatchHandler & { onResponseStarted?: () => void };

function heard(handler: Handler, counting: Counting): Handler {
  return {
    onRequestStart: (...told) => handler.onRequestStart?.(...told),
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onResponseStart: (...told) => {
      const [, status] = told;
      // 103 Early Hints and its like come before the answer.
      if (status >= 200) counting.answered(status);
      handler.onResponseStart?.(...told);
    },
    onResponseData: (...told) => {
      const [, chunk] = told;
      counting.received(chunk.length);
      handler.onResponseData?.(...told);
    },
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => {
      counting.failed();
      handler.onResponseError?.(...told);
    },
  };
}
