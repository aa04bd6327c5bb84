/** An EHR behind a bad network: what happens to each create is drawn, what is committed stays, and everything takes time. */
import type { DocumentReference } from 'fhir/r4';
import type { FhirRequest } from '../../../../server/launched.ts';
import { BASE, Dropped } from '../../write-back-ehr.ts';
import { never, type World } from './world.ts';

/** What becomes of one create. */
export const FATES = [
  'fine',
  'refused',
  'drop before commit',
  'drop after commit',
  'drop, commit much later',
  '500 before commit',
  '500 after commit',
  '408 after commit',
  '409 after commit',
  'hang before commit',
  'hang after commit',
  'slow commit',
  'no location',
  'foreign location',
  'stored differently',
  'delivered twice, answer lost',
  'delivered twice, answered',
] as const;
export type Fate = (typeof FATES)[number];

/** No create commits later than this after it was sent: what gateways and EHRs with a request limit of a minute do. Milliseconds. */
const LATEST_COMMIT = 80_000;

interface Committed {
  readonly note: DocumentReference & { id: string };
  readonly body: string;
  /** From when on a search shows it. */
  readonly visibleAt: number;
}

export class FaultyEhr {
  readonly chart: Committed[] = [];
  readonly fates: Fate[] = [];
  /** Copies that the network made, not we. */
  twins = 0;
  creates = 0;
  /** From now on everything works. */
  calm = false;
  readonly conditionalCreate: boolean;
  readonly #world: World;
  readonly #keepsIdentifier: boolean;
  readonly #indexLag: number;
  /** Loses the first create, or commits it much later, and loses every answer after it: what makes clinicians resend, and servers race. */
  readonly #hard: boolean;

  constructor(world: World, hard = world.chance(0.3)) {
    this.#world = world;
    this.conditionalCreate = world.chance(0.35);
    // Conditional create is by identifier: an EHR that offers it keeps identifiers.
    this.#keepsIdentifier = this.conditionalCreate || world.chance(0.7);
    this.#hard = hard;
    this.#indexLag = world.chance(0.3) ? world.between(500, 8_000) : 0;
  }

  async answer(request: FhirRequest): Promise<Response> {
    const { sleep, between } = this.#actions;
    await sleep(between(2, 40));
    if (request.method === 'POST') return this.#create(request);
    // Slow enough for another server to overtake whoever asked.
    if (!this.calm && this.#world.chance(0.15)) await sleep(between(500, 20_000));
    return this.#read(request.path);
  }

  get #actions() {
    const world = this.#world;
    return { sleep: (ms: number) => world.sleep(ms), between: world.between };
  }

  async #create({ body = '', headers = {} }: FhirRequest): Promise<Response> {
    const { sleep, between } = this.#actions;
    this.creates += 1;
    const fate = this.#draw();
    this.fates.push(fate);
    const condition = this.conditionalCreate ? headers['If-None-Exist'] : undefined;
    const commit = () => this.#commit(body, condition, fate);
    const drop = (): never => {
      throw new Dropped();
    };
    switch (fate) {
      case 'refused':
        return outcome(this.#world.pick([400, 403, 422, 429]));
      case 'drop before commit':
        return drop();
      case '500 before commit':
        return outcome(503);
      case 'hang before commit':
        return never();
      case 'drop, commit much later':
        this.#world.after(between(1_000, LATEST_COMMIT), commit);
        return drop();
      case 'slow commit':
        await sleep(between(5_000, LATEST_COMMIT));
        return created(commit());
    }
    await sleep(between(5, 60));
    const note = commit();
    switch (fate) {
      case 'drop after commit':
        return drop();
      case '500 after commit':
        return outcome(500);
      case '408 after commit':
        return outcome(408);
      case '409 after commit':
        return outcome(409);
      case 'hang after commit':
        return never();
      case 'no location':
        return new Response(null, { status: 201 });
      case 'foreign location':
        return created(note, 'https://elsewhere.example/fhir');
      case 'delivered twice, answer lost':
        commit();
        return drop();
      case 'delivered twice, answered':
        return created(commit());
      case 'fine':
      case 'stored differently':
        return created(note);
    }
  }

  #draw(): Fate {
    const { chance, pick } = this.#world;
    if (this.calm) return 'fine';
    if (this.#hard && this.creates === 1)
      return pick(['drop before commit', 'hang before commit', 'drop, commit much later']);
    if (this.#hard)
      return pick(['drop before commit', 'drop after commit', '500 after commit', 'drop, commit much later']);
    return chance(0.25) ? 'fine' : pick(FATES);
  }

  #commit(body: string, condition: string | undefined, fate: Fate): Committed {
    const sent = JSON.parse(body) as DocumentReference;
    const identifier = sent.identifier?.[0];
    const there = this.chart.find(({ note }) => note.identifier?.[0]?.value === identifier?.value);
    if (condition && there) return there;
    if (fate.startsWith('delivered twice') && this.chart.some((each) => each.body === body)) this.twins += 1;
    const { identifier: kept, ...rest } = sent;
    const committed = {
      body,
      // A search that lags behind a network that doubles hides the twin from everyone; not what is looked for here.
      visibleAt: this.#world.now + (fate.startsWith('delivered twice') ? 0 : this.#indexLag),
      note: {
        ...rest,
        ...(this.#keepsIdentifier && kept ? { identifier: kept } : {}),
        ...(fate === 'stored differently' ? { docStatus: 'preliminary' as const } : {}),
        id: `n${this.chart.length + 1}`,
        meta: { ...sent.meta, versionId: '1' },
      },
    };
    this.chart.push(committed);
    return committed;
  }

  #read(path: string): Promise<Response> | Response {
    if (path === 'metadata') return json(this.#statement());
    if (!this.calm && this.#world.chance(0.12)) {
      if (this.#world.chance(0.4)) return never();
      if (this.#world.chance(0.5)) return outcome(503);
      throw new Dropped();
    }
    const id = /^DocumentReference\/([^/?]+)$/.exec(path)?.[1];
    if (id) {
      const found = this.chart.find(({ note }) => note.id === id);
      return found ? json(found.note) : outcome(404);
    }
    const wanted = new URL(path, `${BASE}/`).searchParams.get('identifier');
    if (wanted !== null && !this.#keepsIdentifier && this.#world.chance(0.5)) return outcome(400);
    const entry = this.chart
      .filter(({ visibleAt }) => visibleAt <= this.#world.now)
      .filter(({ note: { identifier } }) => {
        const [own] = identifier ?? [];
        return wanted === null || wanted === `${own?.system}|${own?.value}`;
      })
      .map(({ note }) => ({ resource: note }));
    return json({ resourceType: 'Bundle', type: 'searchset', entry });
  }

  #statement() {
    const interaction = ['create', 'read', 'search-type'].map((code) => ({ code }));
    const resource = { type: 'DocumentReference', interaction, conditionalCreate: this.conditionalCreate };
    return { resourceType: 'CapabilityStatement', rest: [{ mode: 'server', resource: [resource] }] };
  }
}

function created({ note }: Committed, base = BASE): Response {
  return new Response(null, { status: 201, headers: { Location: `${base}/DocumentReference/${note.id}/_history/1` } });
}

function outcome(status: number): Response {
  return json({ resourceType: 'OperationOutcome' }, status);
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}
