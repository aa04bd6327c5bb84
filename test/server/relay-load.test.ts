/** Fifty launches at once, and answers of 20 MB: the real server and an EHR as processes of their own (D-1, I-2, I-4). Nothing here is measured against a clock; `test/bench/relay.ts` is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadStage, type OpenLaunch, openLoadStage, patientOf } from '../bench/relay/stage.ts';

const LAUNCHES = 50;
const MEGABYTE = 1024 * 1024;

let stage: LoadStage;
let launches: readonly OpenLaunch[];
beforeAll(async () => {
  stage = await openLoadStage({ patients: LAUNCHES });
  launches = await Promise.all(Array.from({ length: LAUNCHES }, (_, index) => stage.launch(patientOf(index))));
}, 60_000);
afterAll(() => stage.close());

const [results, twoMegabytes] = ['small', '2mb'].map((code) => `Observation?category=laboratory&code=${code}`);
const patientsIn = (body: Buffer) => [...new Set(String(body).match(/Patient\/[\w-]+/g))];
const first = () => {
  const [launch] = launches;
  if (!launch) throw new Error('no launch');
  return launch;
};

describe('Fifty launches that read at the same time', () => {
  it('each get their own patient’s results and nobody else’s', async () => {
    const answers = await Promise.all(
      launches.flatMap((launch) => [results, twoMegabytes].map((target = '') => launch.relayed(target))),
    );
    for (const [index, { status, body }] of answers.entries()) {
      expect(status).toBe(200);
      expect(patientsIn(body)).toEqual([`Patient/${patientOf(Math.floor(index / 2))}`]);
    }
  }, 60_000);

  it('and none of them can read another’s patient', async () => {
    const answers = await Promise.all(
      launches.map((launch, index) => launch.relayed(`Patient/${patientOf((index + 1) % LAUNCHES)}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  });
});

describe('An answer of 20 MB (D-1)', () => {
  const large = (code: string) => first().relayed(`Observation?category=laboratory&code=${code}`);

  it('passes whole, with its next page at an address of ours, while others are answered', async () => {
    const under = large('20mb');
    let over = false;
    void under.finally(() => {
      over = true;
    });
    let others = 0;
    while (!over) {
      expect((await stage.plain('/livez')).status).toBe(200);
      others += 1;
    }
    const { status, body } = await under;
    expect(status).toBe(200);
    expect(body.length).toBeGreaterThan(19 * MEGABYTE);
    const { link, entry } = JSON.parse(String(body));
    const next = link.find(({ relation }: { relation: string }) => relation === 'next').url;
    expect(next).toContain(`/l/${first().launchId}/fhir/_page/`);
    expect(entry.length).toBeGreaterThan(10_000);
    expect(others).toBeGreaterThan(3);
  }, 60_000);

  it('leads on to the page that the EHR meant', async () => {
    const { link } = JSON.parse(String((await large('20mb')).body));
    const next = new URL(link.find(({ relation }: { relation: string }) => relation === 'next').url);
    const page = await first().relayed(next.pathname.split('/fhir/')[1] ?? '');
    expect(page.status).toBe(200);
    expect(JSON.parse(String(page.body)).entry).toHaveLength(100);
  }, 60_000);

  it('with one entry about someone else passes without it, and says so', async () => {
    const { status, body } = await large('20mb-of-two');
    expect(status).toBe(200);
    expect(patientsIn(body)).toEqual([`Patient/${first().patient}`]);
    expect(JSON.parse(String(body)).entry.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ code: 'incomplete', details: { coding: [{ code: 'someone-else' }] } }] },
    });
  }, 60_000);

  it.each([
    ['a little beyond 20 MB', '20mb-over', 'too-long'],
    ['ten million deep', '20mb-deep', 'structure'],
  ])(
    '%s is refused',
    async (_, code, said) => {
      const { status, body } = await large(code);
      expect(status).toBe(502);
      expect(JSON.parse(String(body))).toMatchObject({ issue: [{ code: said }] });
    },
    60_000,
  );

  it('is not worked on by the thread that answers everybody', async () => {
    // CPU of the main thread between two turns of its loop, beside what parsing the same answer here takes at least.
    const { body } = await large('20mb');
    const parsed = cpuOf(() => JSON.parse(String(body)));
    await stage.gauge('stall-start');
    await large('20mb');
    const { work } = await stage.gauge('stall');
    expect(work).toBeLessThan(parsed);
  }, 60_000);
});

function cpuOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
