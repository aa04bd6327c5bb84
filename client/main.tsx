/** Starts the page. A page that the browser kept and shows again may be of another patient: it is wiped and read anew. */
import { render } from 'preact';
import { App } from './app.tsx';
import { run } from './session.ts';
import { parts, trouble, wipe } from './state.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/card.css';
import './ui/sheet.css';
import './ui/parts.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
void run(location);
// After the first reads have gone out: nothing of it is shown before they are back.
setTimeout(() => {
  void import('./settled.tsx').then(
    (module) => {
      parts.value = module;
    },
    () => {
      trouble.value = 'page-incomplete';
    },
  );
});

addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  wipe();
  location.reload();
});
