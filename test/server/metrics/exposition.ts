/** Reads the Prometheus text format 0.0.4 by its own rules, so that what is written is judged by something that did not write it. Throws on the first line that breaks one. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

/** Families by name. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | undefined;
  let current: { name: string; type: string; help: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const described = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line);
    const typed = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line);
    if (described) {
      help = { name: described[1] ?? '', text: described[2] ?? '' };
    } else if (typed) {
      const [, name = '', type = ''] = typed;
      if (families.has(name)) throw new Error(`a second TYPE of ${name}`);
      if (help?.name !== name) throw new Error(`no HELP before ${name}`);
      current = { name, type, help: help.text, samples: [] };
      families.set(name, current);
    } else {
      const sample = readSample(line);
      if (!current || !belongs(sample.name, current)) throw new Error(`a sample outside its family: ${line}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) check(family);
  return families;
}

function readSample(line: string): Sample {
  const [, name, , inner = '', value = ''] = new RegExp(`^(${NAME})(\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
  if (name === undefined) throw new Error(`unreadable: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = inner; rest !== ''; ) {
    const [whole = '', label, quoted = ''] = LABEL.exec(rest) ?? [];
    if (label === undefined || label in labels) throw new Error(`unreadable labels: ${line}`);
    labels[label] = quoted.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: readNumber(value) };
}

function readNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN' || text === 'Nan') return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}

function belongs(sample: string, { name, type }: { name: string; type: string }): boolean {
  const endings =
    type === 'histogram' ? ['_bucket', '_sum', '_count'] : type === 'summary' ? ['', '_sum', '_count'] : [''];
  return endings.some((ending) => sample === `${name}${ending}`);
}

function check({ name, type, samples }: Family): void {
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} counts below zero`);
  if (type !== 'histogram') return;
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, own] of series) {
    const of = (ending: string) => own.filter((one) => one.name === `${name}${ending}`);
    const buckets = of('_bucket').map(({ labels, value }) => ({ le: readNumber(labels.le ?? ''), value }));
    const ordered = buckets.every(
      ({ le, value }, index) =>
        index === 0 || (le > (buckets[index - 1]?.le ?? 0) && value >= (buckets[index - 1]?.value ?? 0)),
    );
    const [count] = of('_count');
    if (!ordered || of('_sum').length !== 1 || of('_count').length !== 1)
      throw new Error(`${name}${key} is no histogram`);
    if (buckets.at(-1)?.le !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count?.value)
      throw new Error(`${name}${key} has no last bucket with its count`);
  }
}
