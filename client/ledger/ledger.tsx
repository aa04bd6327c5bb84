/** What left this app during the launch: from this browser and from our server, by host and kind. For whoever reviews it. */
import { useEffect, useState } from 'preact/hooks';
import type { EgressKind } from '../../launch/egress.ts';
import { ApiFailure, referenceOf } from '../api.ts';
import { CopyJson } from '../gaps/copy-json.tsx';
import { context, opened, running } from '../state.ts';
import { Face } from '../ui/face.tsx';
import { Icon } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { clockText } from '../ui/when.ts';
import type { BrowserKind, BrowserRow } from './requests.ts';
import { fileOf, type Statement, statementOf } from './statement.ts';
import './ledger.css';

/** A row of either side. */
type Row = Omit<BrowserRow, 'kind'> & { readonly kind: BrowserKind | EgressKind };

const kindWords: Readonly<Record<Row['kind'], string>> = {
  app: 'The app itself',
  library: 'Library and models',
  launch: 'This launch’s settings',
  read: 'Read',
  search: 'Search',
  'write-back': 'Approvals and notes',
  record: 'What was shown and answered',
  message: 'Messages to the EHR’s frame',
  discovery: 'Discovery document',
  'signing-keys': 'The EHR’s public keys',
  token: 'Sign-in and renewal',
  revocation: 'End of the sign-in',
  capabilities: 'What the EHR offers',
  write: 'Write',
  syslog: 'The record',
  other: 'Other',
};

/** The sheet. It is counted when it is opened, and again on request. */
export function Ledger() {
  const [statement, setStatement] = useState<Statement>();
  const [failed, setFailed] = useState<string>();
  const count = async () => {
    const now = running.value;
    const [server, worker] = await Promise.allSettled([now?.api.egress(), now?.timed()]);
    setFailed(server.status === 'rejected' ? why(server.reason) : undefined);
    setStatement(statementOf(answerOf(server), answerOf(worker)));
  };
  useEffect(() => void count(), []);
  return (
    <Sheet title="What left this app" onClose={() => (opened.value = undefined)}>
      {statement ? (
        <>
          <Summary {...statement} />
          <Away statement={statement} again={count} />
          <Counted {...statement} failed={failed} />
        </>
      ) : (
        <p class="caption">Counting</p>
      )}
    </Sheet>
  );
}

/** The answer before the figures: which hosts, and how much. */
function Summary({ browser, stopped, server }: Statement) {
  const called = [
    ...totalsOf(browser).map((total) => ({ ...total, way: `This browser to ${browserHost(total.host)}` })),
    ...totalsOf(server?.launch ?? []).map((total) => ({ ...total, way: serverWay(total, 'this chart') })),
    ...totalsOf(server?.site ?? []).map((total) => ({ ...total, way: serverWay(total, 'every chart') })),
  ];
  return (
    <>
      <ul class="rows">
        {called.map(({ way, host, requests, bytes }) => (
          <li class="row" key={way + host}>
            <span class="row-main">
              {way}
              <small class="mono">{host}</small>
            </span>
            <span class="row-side measured">
              {requests} {requests === 1 ? 'request' : 'requests'}
              <small>{bytesText(bytes)}</small>
            </span>
          </li>
        ))}
      </ul>
      {stopped.length > 0 && (
        <Face face="doubt" level={3} title="This page’s policy stopped something">
          <ul>
            {stopped.map(({ host, directive }, index) => (
              <li key={`${index} ${host}`}>
                <span class="mono">{host}</span> <span class="hint">{directive}</span>
              </li>
            ))}
          </ul>
        </Face>
      )}
      <p class="caption">
        Since this chart was opened. Requests and bytes only: no contents, no addresses, nothing of the patient.
        {stopped.length === 0 && ' Nothing in this page tried to reach another host.'}
      </p>
    </>
  );
}

function rowsTo(host: string, rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => row.host === host);
}

/** Of each host, in both directions. */
function totalsOf(rows: readonly Row[]) {
  return [...new Set(rows.map(({ host }) => host))].map((host) => {
    const own = rowsTo(host, rows);
    return {
      host,
      rows: own,
      requests: own.reduce((sum, { requests }) => sum + requests, 0),
      bytes: own.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0),
    };
  });
}

function Counted({ browser, browserIncomplete, server, failed }: Statement & { failed: string | undefined }) {
  return (
    <>
      <h3>From this browser</h3>
      <Rows rows={browser} nameOf={browserHost} />
      {browserIncomplete.length > 0 && (
        <p class="ledger-note">
          <Icon name="part" />
          {browserIncomplete.includes('worker')
            ? 'Not all: the background worker did not say what it fetched.'
            : 'Not all: the browser remembers no more requests than this.'}
        </p>
      )}
      <h3>From Attune’s server, for this chart</h3>
      {server ? (
        <>
          {!server.whole && (
            <p class="ledger-note">
              <Icon name="part" />
              Not all: counted by one server since {clockText(Date.parse(server.since))}. Others, or this one before,
              counted for themselves.
            </p>
          )}
          <Rows rows={server.launch} nameOf={serverHost} />
          <h3>From Attune’s server, for every chart of this hospital</h3>
          <p class="caption">Since the server started, {clockText(Date.parse(server.siteSince))}.</p>
          <Rows rows={server.site} nameOf={serverHost} />
        </>
      ) : (
        <Face face="error" level={4} title="Attune’s server did not say what it sent" code={failed}>
          <p>What it sent for this chart is not known here.</p>
        </Face>
      )}
    </>
  );
}

/** One table for each host. */
function Rows(props: { rows: readonly Row[]; nameOf: (host: string, rows: readonly Row[]) => string }) {
  const { rows, nameOf } = props;
  const hosts = [...new Set(rows.map(({ host }) => host))];
  if (hosts.length === 0) return <p>Nothing.</p>;
  return (
    <>
      {hosts.map((host) => (
        <table class="ledger" key={host}>
          <caption>
            To {nameOf(host, rowsTo(host, rows))} <span class="mono">{host}</span>
          </caption>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Requests</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {rowsTo(host, rows).map(({ kind, resourceType, requests, failures, bytesUp, bytesDown }) => (
              <tr key={`${kind} ${resourceType}`}>
                <th scope="row">
                  {kindWords[kind]} {resourceType && <span class="ledger-type">{broken(resourceType)}</span>}
                  {failures > 0 && <small>{failures} without an answer, or refused</small>}
                </th>
                <td>{requests}</td>
                <td>{bytesText(bytesUp)}</td>
                <td>{bytesText(bytesDown)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}

function Away({ statement, again }: { statement: Statement; again: () => Promise<void> }) {
  const origin = location.origin;
  const library = context.value?.library.digest;
  const file = fileOf(statement, { at: Date.now(), origin, library });
  return (
    <>
      <div class="buttons">
        <button type="button" onClick={() => save(file)}>
          Save as a file
        </button>
        <button type="button" onClick={() => void again()}>
          Count again
        </button>
      </div>
      <CopyJson label="What left this app" value={file.content} />
    </>
  );
}

/** `FamilyMemberHistory` may break between its words, and nowhere else. */
function broken(name: string) {
  const [first, ...rest] = name.split(/(?=[A-Z])/);
  return [
    first,
    ...rest.map((word) => (
      <>
        <wbr />
        {word}
      </>
    )),
  ];
}

/** Handed to the browser as a file; nothing is sent for it. */
function save({ name, content }: ReturnType<typeof fileOf>): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes it over in a task of its own.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function browserHost(host: string): string {
  return host === location.host ? 'Attune’s server' : 'another host';
}

function serverWay({ host, rows }: { host: string; rows: readonly Row[] }, whose: string): string {
  return `Attune’s server to ${serverHost(host, rows)}, for ${whose}`;
}

function serverHost(_: string, rows: readonly Row[]): string {
  return rows.every(({ kind }) => kind === 'syslog') ? 'the hospital’s log' : 'the EHR';
}

/** `812 B`, `4.6 kB`, `1.2 MB`, with a space that does not break. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes}\u00a0B`;
  const [value, unit] = bytes < 999_500 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0${unit}`;
}

function answerOf<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === 'fulfilled' ? settled.value : undefined;
}

function why(reason: unknown): string {
  return referenceOf(reason instanceof ApiFailure ? reason : { code: 'client-error' });
}
