/**
 * One launch's EHR: what it offers, what it refused, how much was asked of it, and the rounds of queries. What is known
 * of it was read in its CapabilityStatement or met as a refusal, never guessed from a vendor's name.
 */
import type { LaunchContext } from '../../launch/context.ts';
import { missingMedications } from '../../models/engine/facts/missing-medications.ts';
import { type Query, queryUrl } from '../../models/engine/facts/queries.ts';
import type { Credentials } from '../credentials.ts';
import { type Answer, begun, broken, whole, withoutAsking } from './answer.ts';
import { ReadFailure } from './failure.ts';
import { type Gathered, gather } from './gathered.ts';
import { isRecord } from './json.ts';
import { type Offers, readOffers, versionRefusal } from './offers.ts';
import { readPages } from './pages.ts';
import { inSmallerPages, mayAskOtherwise, type Question, questionsOf } from './questions.ts';
import { type Budget, createReader, type Patience, pause, type Send, type Waiting } from './reader.ts';

/** What a launch allows itself. Times in milliseconds. */
export interface Limits extends Budget {
  /** After `soft` a source is called slow, after `hard` it is given up; what came by then is kept. */
  readonly soft: number;
  readonly hard: number;
  /** How long a list that has brought enough waits at most before it is read on. */
  readonly readOn: number;
  /** Pages read of one query before it is called incomplete. */
  readonly pages: number;
  /** Medicines read one by one, because prescriptions only refer to them, and how many at a time. */
  readonly medicines: number;
  readonly atOnce: number;
}

export const LIMITS: Limits = {
  soft: 10_000,
  hard: 30_000,
  readOn: 8_000,
  pages: 50,
  medicines: 100,
  atOnce: 6,
  requests: 280,
  retries: 3,
  retriesPerLaunch: 24,
  backoff: 500,
};

/** Who is asked, about whom. `waiting` is the clock, the dice and the pause of a test. */
export interface EhrOptions {
  readonly origin: string;
  readonly context: Pick<LaunchContext, 'launchId' | 'patientId' | 'features' | 'outcomeCodes'>;
  /** What stands for the cookie where the browser returns none. */
  readonly credentials?: Credentials | undefined;
  readonly limits?: Partial<Limits>;
  readonly waiting?: Partial<Waiting>;
}

/** What the caller hears of a round. */
export interface Hearing {
  /** Called as each query settles; again, with `refused`, for queries that had settled before the EHR named its version. */
  readonly onAnswer: (answer: Answer) => void;
  /** When a list that has brought enough may be read on; until then its query has answered with what there is. */
  readonly readOn?: Promise<unknown>;
  /** After the soft limit. */
  readonly onSlow?: (query: Query) => void;
  /** The EHR does not speak R4: nothing that was read may be used. In words for the screen. */
  readonly onUnsupported?: (reason: string) => void;
}

/** The EHR of one launch. Budget, capabilities and medicines already read are shared by all its rounds. */
export interface Ehr {
  /** One parallel round; resolves when each query has answered, been refused or been given up. Never rejects. */
  pull(queries: readonly Query[], hearing: Hearing): Promise<void>;
}

/** A query's patience, and what happens between two of its pages. */
interface Asking extends Patience {
  readonly between: () => Promise<void>;
}

/** `send` makes one GET; everything above it is here. */
export function createEhr(options: EhrOptions, send: Send): Ehr {
  const { context, origin } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const waiting: Waiting = { now: Date.now, random: Math.random, pause, ...options.waiting };
  const codes = context.outcomeCodes ?? [];
  const read = createReader(send, limits, waiting);
  const medicines = new Map<string, Promise<unknown>>();
  const calledOff = new AbortController();
  let unsupported: string | undefined;
  let known: Offers | undefined;
  let asking: Promise<Offers | undefined> | undefined;

  /** Given up at the hard limit, or with the whole pull. By hand: EHRs embed browsers that know no `AbortSignal.any`. */
  function untilHard(): { readonly patience: Patience; readonly end: () => void } {
    const givenUp = new AbortController();
    const giveUp = () => givenUp.abort();
    const stop = setTimeout(giveUp, limits.hard);
    calledOff.signal.addEventListener('abort', giveUp);
    return {
      patience: { signal: givenUp.signal, deadline: waiting.now() + limits.hard },
      end: () => {
        clearTimeout(stop);
        calledOff.signal.removeEventListener('abort', giveUp);
      },
    };
  }

  /** Asked once, beside the first round: nothing waits for it unless something was refused. */
  function offers(): Promise<Offers | undefined> {
    if (asking) return asking;
    const { patience, end } = untilHard();
    asking = read('metadata', patience)
      .then(readOffers, () => undefined)
      .then((found) => {
        end();
        known = found;
        unsupported = found && versionRefusal(found);
        if (unsupported !== undefined) calledOff.abort();
        return found;
      });
    return asking;
  }

  async function answer(query: Query, hearing: Hearing): Promise<Answer> {
    const { onSlow } = hearing;
    const refused = unsupported;
    if (refused !== undefined) return withoutAsking(query, 'refused', refused);
    const unasked = notGranted(query, context) ?? notOffered(query, known) ?? notTaken(query, known);
    if (unasked) return unasked;
    const gathered = gather(codes);
    const slow = setTimeout(() => onSlow?.(query), limits.soft);
    const { patience, end } = untilHard();
    try {
      await askEachWay(query, gathered, { ...patience, between: whenEnough(query, gathered, hearing, slow) });
      await readNamedMedicines(gathered, patience);
      return whole(query, gathered);
    } catch (error) {
      const failure = failureOf(error, patience.signal);
      if (query.ifTaken !== undefined && isRefusal(failure) && gathered.pages === 0)
        return withoutAsking(query, 'not-asked', query.ifTaken);
      if (failure.status === 404 && gathered.pages === 0)
        return notOffered(query, await offers()) ?? broken(query, gathered, failure, limits.hard);
      return broken(query, gathered, failure, limits.hard);
    } finally {
      clearTimeout(slow);
      end();
    }
  }

  /** Answers once with the newest entries, when they are enough, and reads the others when it is time. */
  function whenEnough(query: Query, gathered: Gathered, { onAnswer, readOn }: Hearing, slow: NodeJS.Timeout | number) {
    let answered = false;
    return async (): Promise<void> => {
      if (answered || query.enough === undefined || gathered.resources.length < query.enough) return;
      answered = true;
      clearTimeout(slow);
      onAnswer(begun(query, gathered));
      await Promise.race([readOn, new Promise((resolve) => setTimeout(resolve, limits.readOn))]);
    };
  }

  /** Narrow first; after a refusal the next way, as long as nothing has arrived. */
  async function askEachWay(query: Query, gathered: Gathered, patience: Asking): Promise<void> {
    const ways = [...questionsOf(query, known)];
    for (let way = ways.shift(); way !== undefined; ) {
      try {
        return await askOneWay(query, way, gathered, patience);
      } catch (error) {
        const smaller = isTooLong(error) ? inSmallerPages(way) : undefined;
        const next = smaller ?? (mayAskOtherwise(error) && gathered.pages === 0 ? ways.shift() : undefined);
        if (next === undefined) throw error;
        way = next;
      }
    }
  }

  async function askOneWay(query: Query, { searches }: Question, gathered: Gathered, patience: Asking): Promise<void> {
    const asked = searches.map((params) =>
      readPages({
        url: queryUrl({ ...query, params }, context.patientId),
        read: (url) => read(url, patience),
        gathered,
        origin,
        cap: Math.min(limits.pages, query.pages ?? limits.pages),
        // Several searches that add up are newest first each, not together.
        ...(searches.length === 1 && { between: patience.between }),
      }),
    );
    const settled = await Promise.allSettled(asked);
    const lost = settled.filter((one) => one.status === 'rejected');
    if (lost.length === searches.length) throw lost[0]?.reason;
    if (searches.length === 1 && gathered.short && query.pages === undefined)
      await readTheRest({ ...query, params: searches[0] ?? {} }, gathered, patience);
    if (searches.length > 1)
      gathered.lack('this EHR is only asked by category; entries of other categories are not here');
    if (lost.length > 0) gathered.lack(`categories that could not be read: ${lost.length}`);
  }

  /** Cut short without a further page: the same search by periods of time, newest first. */
  async function readTheRest(query: Query, gathered: Gathered, patience: Patience): Promise<void> {
    // Few EHRs need it, so its code comes when one does.
    const slices = await import('./slices.ts').catch(() => undefined);
    const parameter = slices?.DATED_BY[query.resourceType];
    const listed = known?.type(query.resourceType)?.parameters;
    if (
      slices === undefined ||
      parameter === undefined ||
      parameter in query.params ||
      (listed && !listed.has(parameter))
    )
      return gathered.mend({ whole: false });
    const whole = await slices
      .readInSlices({
        parameter,
        now: waiting.now(),
        ask: async (further) => {
          const slice = gather(codes);
          await readPages({
            url: `${queryUrl(query, context.patientId)}&${further}`,
            read: (url) => read(url, patience),
            gathered: slice,
            origin,
            cap: limits.pages,
          });
          return gathered.takeIn(slice);
        },
      })
      .catch(() => false);
    gathered.mend({ whole });
  }

  /** Q5: a prescription may name its drug by reference; no EHR is trusted to include it, so each is read, once. */
  async function readNamedMedicines(gathered: Gathered, patience: Patience): Promise<void> {
    const wanted = missingMedications(gathered.resources);
    const queue = wanted.slice(0, limits.medicines);
    let lost = wanted.length - queue.length;
    const readOn = async (): Promise<void> => {
      for (let reference = queue.shift(); reference !== undefined; reference = queue.shift()) {
        const body = await medicine(reference, patience).catch(() => undefined);
        if (isRecord(body)) gathered.include(body);
        else lost += 1;
      }
    };
    await Promise.all(Array.from({ length: limits.atOnce }, readOn));
    if (lost > 0) gathered.lack(`medicines named by a reference that could not be read: ${lost}`);
  }

  function medicine(reference: string, patience: Patience): Promise<unknown> {
    const reading = medicines.get(reference) ?? read(reference, patience);
    medicines.set(reference, reading);
    reading.catch(() => medicines.delete(reference));
    return reading;
  }

  return {
    async pull(queries, hearing) {
      const { onAnswer, onUnsupported } = hearing;
      const settled: Query[] = [];
      const round = queries.map(async (query) => {
        const found = await answer(query, hearing);
        settled.push(query);
        onAnswer(unsupported === undefined ? found : withoutAsking(query, 'refused', unsupported));
      });
      // Behind the first answer: a browser that speaks HTTP/1.1 asks six things at a time.
      const first = round.length > 0 ? Promise.race(round) : Promise.resolve();
      void first.then(offers).then(() => {
        const reason = unsupported;
        if (reason === undefined) return;
        onUnsupported?.(reason);
        for (const query of settled) onAnswer(withoutAsking(query, 'refused', reason));
      });
      await Promise.all(round);
    },
  };
}

/** S3: what the EHR did not grant is not asked for, and is called by that name. */
function notGranted(query: Query, context: EhrOptions['context']): Answer | undefined {
  const feature = context.features.find(({ id }) => id === query.id || id === query.label);
  if (!feature || feature.available) return undefined;
  return withoutAsking(query, 'not-asked', feature.reason ?? 'not granted');
}

/** A type that the EHR does not list is no refusal and no failure: there is nobody to ask. */
function notOffered(query: Query, offers: Offers | undefined): Answer | undefined {
  if (!offers) return undefined;
  const declared = offers.type(query.resourceType);
  if (declared && (declared.searchable || query.resourceType === 'Patient')) return undefined;
  const what = `${query.label.charAt(0).toLowerCase()}${query.label.slice(1)}`;
  return withoutAsking(query, 'not-asked', `the EHR does not offer ${what} (${query.resourceType})`);
}

/** A search that the statement rules out is left when it is only asked where it is taken. */
function notTaken(query: Query, offers: Offers | undefined): Answer | undefined {
  const listed = offers?.type(query.resourceType)?.parameters;
  if (
    query.ifTaken === undefined ||
    !listed ||
    Object.keys(query.params).every((name) => name.startsWith('_') || listed.has(name))
  )
    return undefined;
  return withoutAsking(query, 'not-asked', query.ifTaken);
}

/** The EHR understood, and will not answer this. A session that ended is something else. */
function isRefusal({ status, meanings }: ReadFailure): boolean {
  return (status === 400 || status === 403 || status === 422) && !meanings.includes('not-granted');
}

function isTooLong(error: unknown): boolean {
  return error instanceof ReadFailure && error.meanings.includes('too-long');
}

/** Anything else that is thrown in here is our own mistake; it costs this one query and is said. */
function failureOf(error: unknown, signal: AbortSignal): ReadFailure {
  if (signal.aborted) return new ReadFailure('given-up');
  return error instanceof ReadFailure ? error : new ReadFailure('unreadable');
}
