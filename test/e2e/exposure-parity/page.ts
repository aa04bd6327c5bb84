/** Starts the worker and puts its answer where the test reads it. */
import workerUrl from './worker.ts?worker&url';

declare global {
  interface Window {
    exposureParity?: unknown;
  }
}

const worker = new Worker(workerUrl, { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  window.exposureParity = data;
});
worker.addEventListener('error', ({ message }) => {
  window.exposureParity = { error: message };
});
