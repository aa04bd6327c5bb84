/** The page: strip, Today, everything else, and whatever lies over it. Nothing of another launch is ever rendered. */
import { referenceOf } from './api.ts';
import { announcement, context, library, type Opened, onnx, opened, parts, stage } from './state.ts';
import { Strip } from './strip/strip.tsx';
import { Today } from './today/today.tsx';
import { Face } from './ui/face.tsx';

/** Version of the app, from package.json at build time. */
declare const ATTUNE_VERSION: string;

/** What changes the chart lies over Today at any width; the rest stands beside it where there is room. */
const overToday: ReadonlySet<Opened['what']> = new Set(['review', 'withdraw'] as const);

/** The whole screen as a function of `state.ts`. */
export function App() {
  const now = stage.value;
  const settled = parts.value;
  if (now.step === 'failed') return <Failed {...now} />;
  return (
    <div class={opened.value && !overToday.has(opened.value.what) ? 'page with-pane' : 'page'}>
      <Strip />
      {now.step === 'ended' && <Ended />}
      {settled && <settled.Ending />}
      <main class="column">
        <Today />
        {settled && <settled.EverythingElse />}
        <Footer />
      </main>
      {settled && <settled.Over />}
      <p class="announcement" role="status">
        {announcement.value}
      </p>
    </div>
  );
}

/** The session is over: what is on the screen stays readable, and nothing that was typed is lost. */
function Ended() {
  return (
    <Face face="slow" level={2} title="The EHR session has ended">
      <p>What is below was read before. Nothing new can be read or written. Open Attune again from the chart.</p>
    </Face>
  );
}

/** Nothing could be opened: why, in words, with the reference that IT needs. */
function Failed(props: { code: string; message: string; requestId?: string }) {
  const ended = props.code === 'session-ended';
  return (
    <main class="page column">
      <h1 class="visually-hidden">Attune</h1>
      <Face
        face={ended ? 'slow' : 'error'}
        level={2}
        title={ended ? 'The EHR session has ended' : 'Attune could not open this chart'}
        code={referenceOf(props)}
      >
        <p>{props.message}</p>
        <p>Nothing has been read or checked. Open Attune again from the patient’s chart.</p>
      </Face>
    </main>
  );
}

function Footer() {
  const knowledge = library.value;
  return (
    <footer class="footer" data-models={onnx.value}>
      <p>
        Attune {ATTUNE_VERSION}
        {knowledge && (
          <>
            {' '}
            · Library {knowledge.version} · <span class="mono">{knowledge.digest.slice(0, 15)}</span>
          </>
        )}
      </p>
      {parts.value && (
        <p>
          <button
            type="button"
            class="quiet"
            aria-haspopup="dialog"
            onClick={() => (opened.value = { what: 'egress' })}
          >
            What left this app
          </button>
        </p>
      )}
      <p>Advice for a clinician to weigh{context.value?.practice && ' · Practice EHR: no real patient'}</p>
    </footer>
  );
}
