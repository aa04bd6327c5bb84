/** A page under the app's own policy, whose worker runs the models; the answer is put where the test reads it. */
import workerUrl from './worker.ts?worker&url';

declare global {
  interface Window {
    parity?: unknown;
    pageMayCompile?: boolean;
  }
}

/** Not in TypeScript's DOM library yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy('onnx-parity', { createScriptURL: (url) => url });
const worker = new Worker(policy ? policy.createScriptURL(workerUrl) : workerUrl, { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  window.parity = data;
});
worker.addEventListener('error', ({ message }) => {
  window.parity = { error: message };
});

const smallestModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
WebAssembly.compile(smallestModule).then(
  () => {
    window.pageMayCompile = true;
  },
  () => {
    window.pageMayCompile = false;
  },
);
