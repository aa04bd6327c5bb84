/** One clinician and one card, from the first click to certainty or to a doubt that is shown; and what was wrong with it. */
import type { Preview, WriteOutcome } from '../../../../launch/api.ts';
import { createAudit } from '../../../../server/audit.ts';
import type { KeyRing } from '../../../../server/store/keys.ts';
import { metformin } from '../../write-back-ehr.ts';
import { disk } from './disk.ts';
import { type Fate, FaultyEhr } from './ehr.ts';
import { type Bug, type Hospital, Process } from './process.ts';
import { World } from './world.ts';

/** What one seed came to. Everything under `wrong` must be empty. */
export interface Visited {
  readonly fates: readonly Fate[];
  readonly conditionalCreate: boolean;
  readonly servers: number;
  readonly crashes: number;
  readonly creates: number;
  readonly twins: number;
  readonly everInDoubt: boolean;
  readonly last: readonly { readonly state: WriteOutcome['state']; readonly message: string }[];
  readonly wrong: readonly string[];
}

const SETTLED = ['confirmed', 'rejected', 'expired'];
/** What only a person can end: looked at in the chart. */
const FOR_A_PERSON = /more than one copy|with a different/;

export async function visit(seed: number, keys: KeyRing, bug?: Bug): Promise<Visited> {
  const world = new World(seed);
  const ehr = bug === 'resends hastily' ? new FaultyEhr(world, true) : new FaultyEhr(world);
  const hospital: Hospital = { world, disk: disk(keys), ehr, keys, crashes: 0, ...(bug && { bug }) };
  const clinician = new Clinician(hospital, world.chance(0.6) ? 2 : 1);
  await world.until(clinician.storm());
  ehr.calm = true;
  // Whatever the EHR, the network or a dying server still had to do, happens.
  await world.drain();
  await world.until(clinician.calm());
  await world.drain();
  const last = await world.until(clinician.look());
  const wrong = [...clinician.wrong, ...judge(ehr, last, clinician.previews)];
  if (!(await createAudit({ store: hospital.disk, keys }).verify()).whole) wrong.push('the record is broken');
  return {
    fates: ehr.fates,
    conditionalCreate: ehr.conditionalCreate,
    servers: clinician.servers,
    crashes: hospital.crashes,
    creates: ehr.creates,
    twins: ehr.twins,
    everInDoubt: clinician.everInDoubt,
    last: last.map(({ state, message }) => ({ state, message })),
    wrong,
  };
}

/** The chart against what the clinician is shown in the end. */
function judge(ehr: FaultyEhr, last: readonly WriteOutcome[], previews: ReadonlyMap<string, Preview>): string[] {
  const wrong: string[] = [];
  if (ehr.chart.length > 1 + ehr.twins) wrong.push(`duplicate: ${ehr.chart.length} notes, ${ehr.twins} by the network`);
  for (const { body } of ehr.chart)
    if (![...previews.values()].some(({ resource }) => resource === body)) wrong.push('other bytes than were shown');
  for (const { approvalId, state, message, text } of last) {
    const bytes = previews.get(approvalId)?.resource;
    const held = ehr.chart.filter(({ body }) => body === bytes);
    if (text === '') wrong.push('the text is gone');
    if (state === 'confirmed' && held.length !== 1) wrong.push(`false saved: ${held.length} in the chart`);
    if ((state === 'rejected' || state === 'expired') && held.length > 0)
      wrong.push(`hidden: ${state}, but in the chart`);
    if (!SETTLED.includes(state) && !FOR_A_PERSON.test(message)) wrong.push(`unsettled: ${state}, ${message}`);
  }
  for (const { body } of ehr.chart)
    if (!last.some(({ approvalId }) => previews.get(approvalId)?.resource === body))
      wrong.push('lost: in the chart, and nobody is told');
  return wrong;
}

class Clinician {
  readonly previews = new Map<string, Preview>();
  readonly wrong: string[] = [];
  readonly servers: number;
  everInDoubt = false;
  readonly #hospital: Hospital;
  readonly #processes: Process[] = [];
  /** Approvals that the server took: from then on they may not be forgotten. */
  readonly #taken = new Set<string>();
  #launches = 0;

  constructor(hospital: Hospital, servers: number) {
    this.#hospital = hospital;
    this.servers = servers;
  }

  /** While everything fails. */
  async storm(): Promise<void> {
    const { world } = this.#hospital;
    await this.#approve();
    for (let round = 0; round < 6; round += 1) {
      await world.sleep(world.between(200, 90_000));
      const rows = await this.look();
      await Promise.all([
        this.#lookInChart(),
        ...(world.chance(0.4) ? [this.#lookInChart()] : []),
        ...this.#resends(rows, 0.2),
      ]);
      if (
        rows.length === 0 ||
        (rows.every(({ state }) => ['rejected', 'expired'].includes(state)) && world.chance(0.5))
      )
        await this.#approve();
      if (rows.some(({ state }) => state === 'confirmed')) break;
    }
  }

  /** When everything works again, what is in doubt has to end. */
  async calm(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await this.#hospital.world.sleep(100_000);
      await this.#lookInChart();
      await Promise.all(this.#resends(await this.look(), 0));
    }
  }

  /** What the screen shows. */
  async look(): Promise<readonly WriteOutcome[]> {
    const rows = await this.#ask((process) => process.writeBack.outcomes(process.launch(this.#launch())));
    for (const row of rows ?? []) this.#told(row);
    if (rows)
      for (const taken of this.#taken)
        if (!rows.some(({ approvalId }) => approvalId === taken)) this.wrong.push('lost: taken, and not shown');
    return rows ?? [];
  }

  async #approve(): Promise<void> {
    const { world } = this.#hospital;
    const process = await this.#server();
    const launched = process.launch(this.#launch());
    const preview = await this.#patient(process.writeBack.preview(launched, metformin));
    if (!preview) return;
    this.previews.set(preview.approvalId, preview);
    const clicks = world.chance(0.4) ? 2 : 1;
    await Promise.all(
      Array.from({ length: clicks }, async () => {
        await world.sleep(world.between(0, 300));
        const other = world.chance(0.3) ? await this.#server() : process;
        const as = other === process ? launched : other.launch(launched.context.launchId);
        const answer = await this.#patient(other.writeBack.approve(as, preview));
        if (!answer) return;
        this.#taken.add(answer.approvalId);
        this.#told(answer);
      }),
    );
  }

  /** Whoever may send again does, on both servers at once for good measure; now and then without being asked. */
  #resends(rows: readonly WriteOutcome[], impatience: number): Promise<void>[] {
    const { world } = this.#hospital;
    return rows
      .filter(({ mayResend }) => mayResend || world.chance(impatience))
      .flatMap(({ approvalId }) =>
        Array.from({ length: 2 }, async () => {
          await world.sleep(world.between(0, 2_000));
          const answer = await this.#ask((process) =>
            process.writeBack.resend(process.launch(this.#launch()), approvalId),
          );
          if (answer) this.#told(answer);
        }),
      );
  }

  async #lookInChart(): Promise<void> {
    const rows = await this.#ask((process) => process.writeBack.reconcile(process.launch(this.#launch())));
    for (const row of rows ?? []) this.#told(row);
  }

  /** "Saved" is judged at the moment it is said. */
  #told({ approvalId, state }: WriteOutcome): void {
    const bytes = this.previews.get(approvalId)?.resource;
    if (state === 'unknown' || state === 'sending') this.everInDoubt = true;
    if (state === 'confirmed' && !this.#hospital.ehr.chart.some(({ body }) => body === bytes))
      this.wrong.push('false saved: told of a note that is not there');
  }

  /** Asks; once the storm is over, again where a server died over the answer. */
  async #ask<T>(question: (process: Process) => Promise<T>): Promise<T | undefined> {
    const answer = await this.#patient(question(await this.#server()));
    return answer === undefined && this.#hospital.ehr.calm ? this.#patient(question(await this.#server())) : answer;
  }

  /** An answer, or nothing: refused, failed, or none within two minutes. */
  #patient<T>(answer: Promise<T>): Promise<T | undefined> {
    const { world } = this.#hospital;
    return Promise.race([answer.catch(() => undefined), world.sleep(120_000).then(() => undefined)]);
  }

  /** One of the servers; a dead one is started again, as often as it takes. */
  async #server(): Promise<Process> {
    const { world } = this.#hospital;
    const slot = world.between(0, this.servers - 1);
    for (let tries = 0; ; tries += 1) {
      const there = this.#processes[slot];
      if (there?.alive) return there;
      if (tries > 0) await world.sleep(world.between(100, 3_000));
      const process = new Process(this.#hospital);
      // With neighbours only what is old enough is recovered; safe either way, and tried both ways.
      const started = await this.#patient(
        process.boot(this.servers > 1 && world.chance(0.7) ? 90_000 : 0).then(() => true),
      );
      if (started && process.alive) this.#processes[slot] = process;
    }
  }

  #launch(): string {
    const { world } = this.#hospital;
    if (this.#launches === 0 || world.chance(0.3)) this.#launches += 1;
    return `launch-${this.#launches}`;
  }
}
