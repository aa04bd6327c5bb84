/** Starts the page. A page that the browser kept and shows again may be of another patient: it is wiped and read anew. */
import { render } from 'preact';
import { ask } from './api.ts';
import { App } from './app.tsx';
import { listen } from './ledger/left.ts';
import { fail, run } from './session.ts';
import { wipe } from './state.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/card.css';
import './ui/sheet.css';
import './ui/parts.css';

listen();
const keyed = document.getElementById('launch-key')?.textContent;
if (keyed)
  void import('./proof/start.ts').then(({ start }) => start({ here: location, ask, run, fail }, Number(keyed)), fail);
else void run(location);
// A task later, so that the first reads go out before the first frame is made.
setTimeout(() => {
  const root = document.getElementById('app');
  if (root) render(<App />, root);
});

addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  wipe();
  location.reload();
});
