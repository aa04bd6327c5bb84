/** The thread in which large answers are judged. Their bytes are handed over and back, never copied. */
import { parentPort } from 'node:worker_threads';
import { parseJson } from '../launch/json.ts';
import { type Admitted, type Asked, admit, type Bytes } from './admit.ts';

/** Buffers of this size are no part of Node's common pool, which stays where it is. */
const OWN_BYTES = 64 * 1024;

parentPort?.on('message', ({ asked, answer }: { readonly asked: Asked; readonly answer: Bytes }) => {
  // What is nested a million deep takes seconds to parse, and others wait for this thread.
  const admitted = admit(asked, answer, parseJson);
  parentPort?.postMessage(admitted, buffersOf(admitted));
});

function buffersOf(admitted: Admitted): ArrayBuffer[] {
  const parts = 'whole' in admitted ? [admitted.whole] : 'next' in admitted ? [admitted.before, admitted.after] : [];
  const own = parts.flatMap(({ buffer }) => (buffer.byteLength > OWN_BYTES ? [buffer] : []));
  // Both parts of a page may be cut from one buffer.
  return [...new Set(own)];
}
