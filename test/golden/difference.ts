/** What changed in the golden text of one patient, as a reviewer wants to read it: facts and advice by name, added, gone or changed. */

type Entry = Readonly<Record<string, unknown>>;

/** Lines such as `+ today: Stop metformin …`, `- fact observation.creatinine 1.2 mg/dL (2026-11-18)`. Empty when nothing changed. */
export function difference(before: string | undefined, after: string): readonly string[] {
  if (before === undefined) return ['+ a new patient', ...linesOf(after).map((line) => `+ ${line}`)];
  const held = linesOf(before);
  const now = linesOf(after);
  return [
    ...now.filter((line) => !held.includes(line)).map((line) => `+ ${line}`),
    ...held.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
  ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}

/** Every fact, every entry unread, every evaluation and every recommendation as one line. */
function linesOf(text: string): readonly string[] {
  const golden = JSON.parse(text) as Readonly<Record<string, readonly Entry[]>>;
  const section = (name: string): readonly Entry[] => golden[name] ?? [];
  return [
    ...section('facts').map(
      (fact) => `fact ${fact.path} ${said(fact.value)}${unit(fact)}${dated(fact)} ← ${fact.source}`,
    ),
    ...section('unread').map(({ source, reason }) => `unread ${source}: ${reason}`),
    ...section('evaluations').map(evaluation),
    ...section('today').map(({ indicator, summary }, index) => `today ${index + 1} [${indicator}] ${summary}`),
    ...section('others').map(({ indicator, summary }) => `other [${indicator}] ${summary}`),
    ...section('notChecked').map(({ text: what, reason }) => `not checked: ${what} (${reason})`),
  ];
}

function evaluation({ id, status, ...rest }: Entry): string {
  const outcomes = (rest.outcomes ?? []) as readonly Entry[];
  const numbers = outcomes.map(
    ({ outcome, value, unit: of, word }) => `${outcome} ${said(value)} ${of}${word ? ` (${word})` : ''}`,
  );
  const told = [rest.indicator, rest.summary, ...numbers, rest.because, rest.missing, rest.error].filter(Boolean);
  return `evaluation ${id}: ${status}${told.length > 0 ? `, ${told.map(said).join('; ')}` : ''}`;
}

function said(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '';
}

function unit({ comparator, unit: of }: Entry): string {
  return `${of === undefined ? '' : ` ${of}`}${comparator === undefined ? '' : ` (${comparator})`}`;
}

function dated({ effective }: Entry): string {
  return effective === undefined ? '' : ` (${effective})`;
}
