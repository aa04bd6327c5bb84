/** The registration kit: what an EHR's administrators and security reviewers ask about this app, answered from the code that runs. */
import type { ScopeRung } from '../../launch/scopes.ts';
import { scopesToRequest } from '../../launch/scopes.ts';
import { firstRound, history } from '../../models/engine/facts/queries.ts';
import { contentSecurityPolicy } from '../headers.ts';

/** A scope and what is missing without it. */
export interface ScopeLine {
  readonly scope: string;
  readonly unlocks: string;
}

export interface RegistrationKit {
  readonly app: { readonly name: string; readonly version: string; readonly libraryDigest: string };
  readonly urls: Readonly<Record<'launch' | 'redirect' | 'jwks' | 'cdsHooks' | 'health', string>>;
  readonly client: Readonly<Record<'type' | 'grant' | 'authentication' | 'refresh', string>>;
  readonly scopes: readonly ScopeLine[];
  readonly dataFlow: readonly {
    readonly from: string;
    readonly to: string;
    readonly what: string;
    readonly kept: string;
  }[];
  readonly ports: readonly { readonly direction: string; readonly port: string; readonly peer: string }[];
  readonly retention: readonly { readonly what: string; readonly where: string; readonly howLong: string }[];
  readonly contentSecurityPolicy: string;
  readonly review: readonly { readonly question: string; readonly answer: string }[];
}

/** `rung` as the EHR's capabilities allow; `frameAncestors` as this EHR's line in the tenants file has them. */
export function registrationKit(options: {
  readonly origin: string;
  readonly version: string;
  readonly libraryDigest: string;
  readonly rung: ScopeRung;
  readonly writes: boolean;
  readonly frameAncestors: readonly string[];
}): RegistrationKit {
  const { origin, version, libraryDigest } = options;
  return {
    app: { name: 'Attune', version, libraryDigest },
    urls: {
      launch: `${origin}/launch`,
      redirect: `${origin}/callback`,
      jwks: `${origin}/.well-known/jwks.json`,
      cdsHooks: `${origin}/cds-services`,
      health: `${origin}/livez`,
    },
    client: {
      type: 'confidential; the server holds the tokens, the browser never sees one',
      grant: 'authorization code with PKCE S256, on every launch',
      authentication:
        'private_key_jwt (ES384 or RS384), keys at the JWKS address; client_secret_basic where the EHR cannot',
      refresh: 'online_access only; offline_access is never requested',
    },
    scopes: scopeLines(options),
    dataFlow: DATA_FLOW,
    ports: PORTS,
    retention: RETENTION,
    contentSecurityPolicy: contentSecurityPolicy({ frameAncestors: options.frameAncestors }),
    review: REVIEW,
  };
}

function scopeLines({ rung, writes }: { readonly rung: ScopeRung; readonly writes: boolean }): ScopeLine[] {
  const queries = [...firstRound(), ...history()];
  const reads = queries.map(({ resourceType, params: { category } }) => ({
    resourceType,
    ...(category !== undefined && { category }),
  }));
  return scopesToRequest({ rung, reads, writes, messaging: writes, standalone: false }).map((scope) => ({
    scope,
    unlocks: unlocks(scope),
  }));

  function unlocks(scope: string): string {
    const named = NAMED[scope];
    if (named) return named;
    const [, type = '', rest = ''] = /^patient\/([A-Za-z]+)\.(.+)$/.exec(scope) ?? [];
    const category = /\|([a-z-]+)$/.exec(rest)?.[1];
    if (type === 'DocumentReference')
      return /^(c|write)/.test(rest) ? 'writing the approved note' : 'reading the written note back';
    if (type === 'Medication') return 'medicines that a prescription names by reference';
    return queries
      .filter((query) => query.resourceType === type && (category === undefined || query.params.category === category))
      .map(({ label }) => label.toLowerCase())
      .join(', ');
  }
}

const NAMED: Readonly<Record<string, string>> = {
  openid: 'who signs in, verified',
  fhirUser: 'who approves a note',
  launch: 'which patient the launch is about',
  online_access: 'a session as long as the visit',
  'messaging/scratchpad': 'drafts in the EHR’s own scratchpad; asked for only where your line has webMessaging',
  'messaging/ui': 'telling the EHR that the app is done; with webMessaging only',
};

const DATA_FLOW: RegistrationKit['dataFlow'] = [
  {
    from: 'EHR',
    to: 'Attune server',
    what: 'launch, tokens, chart reads of one patient',
    kept: 'tokens sealed, until the launch ends; chart never',
  },
  {
    from: 'Attune server',
    to: 'browser in the EHR',
    what: 'the same chart reads, relayed; the knowledge library',
    kept: 'in the page’s memory until it closes',
  },
  {
    from: 'browser',
    to: 'Attune server',
    what: 'what a clinician approved; what was shown and answered, by ids and codes',
    kept: 'outbox and record, below',
  },
  { from: 'Attune server', to: 'EHR', what: 'the approved note, byte for byte as previewed', kept: 'by the EHR' },
  {
    from: 'EHR',
    to: 'Attune server',
    what: 'CDS Hooks calls, if switched on',
    kept: 'chart never; which card was shown, by ids',
  },
];

const PORTS: RegistrationKit['ports'] = [
  {
    direction: 'in',
    port: '443 (TLS ended by your proxy; the process listens on the configured port)',
    peer: 'clinicians’ browsers; the EHR, for CDS Hooks and our public keys',
  },
  { direction: 'out', port: '443', peer: 'the hosts of your line in the tenants file, and no other' },
  {
    direction: 'out',
    port: '6514 (TLS), if syslog is switched on',
    peer: 'the collector that the configuration names: events of the record, patients as HMACs',
  },
  {
    direction: 'in',
    port: '9464 on localhost, if metrics are switched on',
    peer: 'your Prometheus; counts, no patient and no user',
  },
];

const RETENTION: RegistrationKit['retention'] = [
  {
    what: 'EHR tokens',
    where: 'sessions, AES-256-GCM under a key of their own; in no backup (with "keepSessions": false in memory only)',
    howLong: 'until logout, 15 idle minutes or 8 hours; then revoked',
  },
  { what: 'chart data', where: 'nowhere; in passing for at most 15 s at the callback', howLong: '–' },
  { what: 'text of a note that waits for approval', where: 'beside the sessions, AES-256-GCM', howLong: '10 minutes' },
  { what: 'text of an approved note', where: 'outbox, AES-256-GCM', howLong: '24 hours after it is settled' },
  {
    what: 'record of what was shown, approved, written',
    where: 'hash chain; patients as HMACs',
    howLong: 'kept; archived by your policy (HIPAA: 6 years)',
  },
  {
    what: 'tests that a clinician promised',
    where: 'keyed hash of the patient, kind of test, two times',
    howLong: 'a year after their day, unless you say otherwise',
  },
  {
    what: 'CDS Hooks cards that were sent',
    where: 'AES-256-GCM, keyed hashes',
    howLong: '12 hours; that one was counted: 30 days',
  },
  { what: 'log', where: 'standard error', howLong: 'yours; no patient, token, address or query is in it' },
];

const REVIEW: RegistrationKit['review'] = [
  {
    question: 'Does it run code or fetch anything from a third party?',
    answer: 'No. Everything comes from the app’s own origin; no analytics, no CDN. The policy below forbids it.',
  },
  {
    question: 'Where does the model run?',
    answer: 'In the user’s browser. For CDS Hooks, if switched on, the same engine and library on the app’s server.',
  },
  {
    question: 'Can it place orders?',
    answer: 'No. It writes a note that a clinician has previewed and approved. It never writes MedicationRequest.',
  },
  {
    question: 'Can one user see another’s patient?',
    answer:
      'No. Every request names its launch, which belongs to one session, one user, one patient; a second user’s sign-in ends the first one’s launches.',
  },
  {
    question: 'What if a link in the EHR’s data points elsewhere?',
    answer:
      'It is not followed; the token goes to the registered hosts only, to public addresses unless you declare private ones, and no redirect is followed.',
  },
  { question: 'How is data encrypted?', answer: 'TLS 1.2 or later in transit; AES-256-GCM for tokens and the outbox.' },
  {
    question: 'How are keys rotated?',
    answer: 'Add a key to the key file, wait an hour (the JWKS may be cached that long), remove the old one.',
  },
  {
    question: 'Which dependencies does it ship?',
    answer: 'attune sbom prints a CycloneDX list: server, client, models and WebAssembly with their digests.',
  },
  {
    question: 'Has it been validated clinically at this site?',
    answer: 'No, until the site says so; see docs/safety.md.',
  },
];
