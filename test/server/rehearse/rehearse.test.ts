/** `attune rehearse` as IT runs it (WB1, WB2, WB8): on the named test patient or not at all, and nothing stays behind that is not told of. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference, FhirResource } from 'fhir/r4';
import { afterEach, describe, expect, it } from 'vitest';
import { altered, type Quirks, refusal, rewritten } from '../../../fixtures/ehr/vendors/mode.ts';
import { createAudit } from '../../../server/audit.ts';
import { run } from '../../../server/cli.ts';
import { follow } from '../../../server/rehearse/practice-launch.ts';
import { readReport } from '../../../server/rehearse/report.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { openStore } from '../../../server/store/open.ts';
import { EVERYTHING, NAMED, openStage, PRACTICE, type Ran, type Stage, type StageOptions } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
const only = (...kinds: string[]) => EVERYTHING.filter(({ write }) => kinds.includes(write));
const at = (around: Quirks['around']): NonNullable<StageOptions['ehr']> => ({
  quirks: { id: 'awkward', ...(around && { around }) },
});

/** What reached the FHIR server and would change it. */
const changes = () =>
  stage.ehr.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/fhir')).map(({ path }) => path);

const TYPES = ['DocumentReference', 'Communication', 'ServiceRequest', 'Observation', 'QuestionnaireResponse'];
function written(): readonly (FhirResource & { readonly status?: string })[] {
  return [...TYPES, 'RiskAssessment', 'DetectedIssue', 'Provenance']
    .flatMap((type) => stage.ehr.allResources(type) as readonly (FhirResource & { readonly status?: string })[])
    .filter(({ meta }) => meta?.security?.some(({ code }) => code === 'AIAST'));
}
const rungOf = ({ report }: Ran, write: string) => report?.rungs.find((rung) => rung.write === write);

/** A click in a chart, and every redirect. */
function launch(asked: Parameters<Stage['ehr']['createLaunch']>[0]): Promise<string | undefined> {
  const { launchUrl } = stage.ehr.createLaunch(asked);
  return follow(launchUrl, { origin: stage.origin, ehr: new URL(stage.ehr.fhirBase).origin });
}

describe('A rehearsal on the named test patient', () => {
  it('WB2: tries every way of writing, and says of each what came back', async () => {
    await open();
    const ran = await stage.rehearse();
    expect(ran.code).toBe(0);
    const tried = ran.report?.rungs.map(({ write, about, verdict }) => [write, about.join(), verdict]);
    expect(tried).toEqual([
      ['Bundle', 'medicine,test', 'usable'],
      ['Bundle', 'score', 'usable'],
      ['Communication', 'medicine,test,score', 'usable'],
      ['DocumentReference', 'medicine,test,score', 'usable'],
      ['Observation', 'score', 'usable'],
      ['QuestionnaireResponse', 'medicine,test,score', 'usable'],
      ['ServiceRequest', 'test', 'usable'],
    ]);
    expect(rungOf(ran, 'ServiceRequest')?.shown).toMatchObject({
      status: 201,
      kept: ['status', 'intent', 'code', 'subject', 'authoredOn', 'note'],
      lost: [],
      keptIdentifier: true,
      keptSecurityLabel: true,
      keptTag: null,
      searches: { identifier: 'finds', security: 'finds' },
      foundBy: 'identifier',
      lagMs: 0,
      conditionalCreate: 'deduplicates',
    });
    expect(rungOf(ran, 'Bundle')?.shown).toMatchObject({
      keptTag: true,
      kept: expect.arrayContaining(['subject', 'content', 'DetectedIssue.patient', 'Provenance.agent']),
    });
  });

  it('WB8: what was rehearsed is withdrawn, each in the chart as entered in error; a Provenance, which cannot be, is named', async () => {
    await open();
    const { report } = await stage.rehearse();
    const inChart = written();
    expect(inChart.length).toBe(11);
    const standing = inChart.filter(({ status }) => status !== 'entered-in-error');
    expect(standing.map(({ resourceType }) => resourceType)).toEqual(['Provenance', 'Provenance']);
    expect(report?.remains.toSorted()).toEqual(standing.map(({ id }) => `Provenance/${id}`).toSorted());
    expect(report?.correction).toBeNull();
  });

  it('says in every entry that it is a rehearsal and about nobody', async () => {
    await open();
    await stage.rehearse();
    for (const resource of written().filter(({ resourceType }) => resourceType !== 'Provenance'))
      expect(wordsOf(resource), resource.resourceType).toContain('REHEARSAL, not about a patient');
  });

  it('keeps the report where only the server reads it, in place of an earlier one', async () => {
    await open({ writeBack: { rungs: only('DocumentReference') } });
    await stage.rehearse();
    const first = await readReport(stage.dataDir, 'practice');
    const { report } = await stage.rehearse();
    expect(await readReport(stage.dataDir, 'practice')).toEqual({ state: 'kept', report });
    expect(first).not.toEqual({ state: 'kept', report });
    expect(statSync(join(stage.dataDir, 'rehearsals/practice.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(stage.dataDir, 'rehearsals')).mode & 0o777).toBe(0o700);
  });

  it('V10: nothing of the patient and no token is in the report, on the terminal or in any file kept', async () => {
    await open();
    const ran = await stage.rehearse();
    const kept = readFileSync(join(stage.dataDir, 'rehearsals/practice.json'), 'utf8');
    const record = readFileSync(join(stage.dataDir, 'attune.sqlite'), 'latin1');
    const everything = [...ran.out, ran.err, kept, record].join('\n');
    expect(everything).not.toMatch(/zzcanary|prüfling|1950-02-03/i);
    for (const token of stage.ehr.issuedTokens()) expect(everything).not.toContain(token);
    expect([...ran.out, kept, record].join('\n')).not.toContain('zz-test');
    expect(ran.report?.patient).toMatch(/^[\w-]{43}$/);
  });

  it('T-2: is in the record, from the launch to its end, with what was written and withdrawn; the record is whole', async () => {
    await open({ writeBack: { withdraw: true, rungs: only('DocumentReference') } });
    const { report } = await stage.rehearse();
    const keys = openKeyRing(join(stage.dataDir, 'keys.json'));
    const { store } = await openStore({ dataDir: stage.dataDir, keys });
    const events = (await store.recorded(0, 100)).map(({ event }) => JSON.parse(event) as Record<string, unknown>);
    const [reference] = rungOf({ report } as Ran, 'DocumentReference')?.shown?.entries ?? [];
    expect(events.map(({ type }) => type)).toEqual(['launched', 'written', 'withdrawn', 'ended']);
    expect(events[1]).toMatchObject({ reason: 'rehearsal', reference: reference?.reference, patient: report?.patient });
    expect((await createAudit({ store, keys }).verify()).whole).toBe(true);
    await store.close();
  });

  it('T5: gives its grant back when it is done', async () => {
    await open({ writeBack: { rungs: only('DocumentReference') } });
    await stage.rehearse();
    expect(stage.ehr.requests.map(({ path }) => path)).toContain('/auth/revoke');
  });

  it('prints tables for people', async () => {
    await open({ writeBack: { rungs: only('DocumentReference', 'Communication') } });
    const { out } = await stage.rehearse([...PRACTICE, '--format', 'markdown']);
    expect(out.join('\n')).toContain('| DocumentReference | medicine, test, score | usable |');
    expect(out.join('\n')).toContain('| ServiceRequest | test | not tried | not switched on for this EHR |');
  });
});

describe('Nothing is written', () => {
  const BRIEFLY = ['--wait', '0.04'];
  const nothing = (ran: Ran, because: string) => {
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(because);
    expect(ran.report).toBeUndefined();
    expect(changes()).toEqual([]);
    expect(written()).toEqual([]);
  };

  it('when another patient’s chart is launched: that Patient is not even read, and the launch is ended', async () => {
    await open();
    const asked = () => stage.ehr.requests.map(({ path }) => path);
    const ran = await stage.rehearse([...NAMED, '--wait', '0.08'], async () => {
      await launch({ patientId: 'somebody' });
      // At once, not only when the waiting is over.
      await expect.poll(asked, { timeout: 4_000 }).toContain('/auth/revoke');
    });
    nothing(ran, 'it was about another patient than the named one');
    expect(asked()).not.toContain('/fhir/Patient/somebody');
    expect(ran.err).not.toMatch(/somebody|canary/i);
  });

  it.each([
    ['family name', ['--patient', 'zz-test', '--family', 'Somebody'], 'another family name'],
    ['birth date', [...NAMED.slice(0, 4), '--born', '1950-02-04'], 'another birth date'],
  ])('when the Patient of that id has another %s than IT said', async (_, named, because) => {
    await open();
    nothing(await stage.rehearse([...named, ...BRIEFLY, '--practice']), because);
  });

  it('I2: when a patient launches it', async () => {
    await open();
    const ran = await stage.rehearse([...NAMED, ...BRIEFLY], async () => {
      await launch({ patientId: 'zz-test', user: 'Patient/zz-test' });
    });
    nothing(ran, 'no clinician’s launch');
  });

  it('when the EHR does not show the Patient', async () => {
    await open({
      ehr: at(async ({ request, type }, next) =>
        type === 'Patient' ? refusal(403, { severity: 'error', code: 'forbidden' }) : next(request),
      ),
    });
    nothing(await stage.rehearse([...PRACTICE, ...BRIEFLY]), 'nobody knows whose chart it is');
  });

  it('when the EHR shows another Patient under that id', async () => {
    await open({
      ehr: at(async ({ request, type }, next) => {
        const answer = await next(request);
        return type === 'Patient' ? rewritten(answer, (body) => ({ ...body, id: 'somebody' })) : answer;
      }),
    });
    nothing(await stage.rehearse([...PRACTICE, ...BRIEFLY]), 'another resource');
  });

  it('when nobody launches', async () => {
    await open();
    nothing(await stage.rehearse([...NAMED, '--wait', '0.005']), 'No launch about the named patient came');
  });

  it('when the practice EHR has no such chart', async () => {
    await open();
    nothing(await stage.rehearse(['--patient', 'nobody', '--family', 'X', '--practice']), 'no such chart (404)');
  });

  it('when the EHR does not say what it accepts', async () => {
    await open({
      ehr: { faults: [{ match: { path: /\/metadata$/ }, kind: 'error', status: 503 }] },
    });
    nothing(await stage.rehearse(), 'did not say what it accepts');
  });

  it('but a wrong launch does not stop the right one', async () => {
    await open({ writeBack: { withdraw: true, rungs: only('DocumentReference') } });
    const ran = await stage.rehearse([...NAMED], async () => {
      await launch({ patientId: 'somebody' });
      await launch({ patientId: 'zz-test' });
    });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('another patient');
    expect(written().map((note) => (note as DocumentReference).subject?.reference)).toEqual(['Patient/zz-test']);
  });

  it('when our address is taken: it says so', async () => {
    await open();
    const [first, second] = [{}, {}] as [Partial<Ran>, Partial<Ran>];
    Object.assign(
      first,
      await stage.rehearse([...NAMED, '--wait', '0.02'], async () => {
        Object.assign(second, await stage.rehearse());
      }),
    );
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('is taken') });
    expect(changes()).toEqual([]);
  });
});

describe('An EHR that', () => {
  const NOTE = { withdraw: true, rungs: only('DocumentReference') };
  const onCreate = (change: (body: Record<string, unknown>) => object) =>
    at(async ({ request, type }, next) => {
      if (request.method !== 'POST' || !TYPES.includes(type)) return next(request);
      return next(
        altered(request, { body: JSON.stringify(change((await request.json()) as Record<string, unknown>)) }),
      );
    });

  it('X3: drops the identifier is usable, and looked through by words', async () => {
    await open({ writeBack: NOTE, ehr: onCreate(({ identifier: _, ...body }) => body) });
    const ran = await stage.rehearse();
    const rung = rungOf(ran, 'DocumentReference');
    expect(rung?.shown).toMatchObject({ keptIdentifier: false, foundBy: 'fingerprint' });
    expect(rung?.remarks).toEqual([
      'the key is dropped; the text carries it',
      'found again by its words, not by its key (a search by key finds nothing)',
      'conditional creates are announced and make two: not relied on',
    ]);
    // The second create, which was to be noticed, is taken back like the first.
    expect(rung?.shown?.entries).toHaveLength(2);
    expect(written().map(({ status }) => status)).toEqual(['entered-in-error', 'entered-in-error']);
    expect([rung?.verdict, ran.code]).toEqual(['usable', 0]);
  });

  it('WB5: drops the AI label is usable, and the text is what carries it', async () => {
    await open({ writeBack: NOTE, ehr: onCreate(({ meta: _, ...body }) => body) });
    const rung = rungOf(await stage.rehearse(), 'DocumentReference');
    expect(rung).toMatchObject({ verdict: 'usable', remarks: ['the AI label is dropped; the text carries it'] });
  });

  it('cuts the text off is not usable', async () => {
    const cut = onCreate(({ content, ...body }) => {
      const [{ attachment }] = content as [{ attachment: { data: string } }];
      return { ...body, content: [{ attachment: { ...attachment, data: attachment.data.slice(0, 4_000) } }] };
    });
    await open({ writeBack: NOTE, ehr: cut });
    const ran = await stage.rehearse();
    expect(rungOf(ran, 'DocumentReference')).toMatchObject({
      verdict: 'unusable',
      why: 'the EHR did not keep content',
    });
    expect(ran.code).toBe(1);
    expect(written().map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('WB4: makes an order of a proposal is not usable for it', async () => {
    await open({
      writeBack: { withdraw: true, rungs: only('ServiceRequest') },
      ehr: onCreate((body) => ({ ...body, intent: 'order', status: 'active' })),
    });
    expect(rungOf(await stage.rehearse(), 'ServiceRequest')).toMatchObject({
      verdict: 'unusable',
      why: 'the EHR did not keep status, intent',
    });
    expect(written().every(({ status }) => status === 'entered-in-error')).toBe(true);
  });

  it('X8: answers 201 with nothing in it is looked through, and what it made is found and taken back', async () => {
    await open({
      writeBack: NOTE,
      ehr: at(async ({ request, type }, next) => {
        const answer = await next(request);
        if (request.method !== 'POST' || type !== 'DocumentReference') return answer;
        await answer.body?.cancel();
        return new Response(null, { status: 201 });
      }),
    });
    const rung = rungOf(await stage.rehearse(), 'DocumentReference');
    expect(rung).toMatchObject({ verdict: 'usable', shown: { status: 201, named: false } });
    expect(rung?.remarks[0]).toMatch(/^the EHR does not say where it put it/);
    expect(written().map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('lists its type and refuses it all the same is not usable', async () => {
    await open({
      writeBack: NOTE,
      ehr: at(async ({ request }, next) =>
        request.method === 'POST' ? refusal(403, { severity: 'error', code: 'forbidden' }) : next(request),
      ),
    });
    const ran = await stage.rehearse();
    expect(rungOf(ran, 'DocumentReference')).toMatchObject({ verdict: 'unusable', why: 'the EHR refused it (403)' });
    expect([ran.code, ran.report?.remains, ran.report?.doubtful]).toEqual([1, [], []]);
  });

  it('needs a moment to find what it took is waited for, and the wait is told', async () => {
    let searches = 0;
    await open({
      writeBack: NOTE,
      ehr: at(async ({ request, url, rest }, next) => {
        const search = request.method === 'GET' && rest === '' && url.searchParams.has('patient');
        if (search) searches += 1;
        return search && searches <= 2
          ? rewritten(await next(request), (body) => ({ ...body, entry: [] }))
          : next(request);
      }),
    });
    expect(rungOf(await stage.rehearse(), 'DocumentReference')?.shown).toMatchObject({ lagMs: 500 });
  });

  it('ends the session half-way: what was not reached is not called tried, and the exit is 1', async () => {
    await open({
      writeBack: { withdraw: true, rungs: only('DocumentReference', 'ServiceRequest') },
      ehr: at(async ({ request, type }, next) => {
        if (type !== 'ServiceRequest') return next(request);
        stage.ehr.setFault({ match: { path: /\/auth\/token$/ }, kind: 'error', status: 400 });
        return new Response(null, { status: 401 });
      }),
    });
    const ran = await stage.rehearse();
    expect(rungOf(ran, 'DocumentReference')?.verdict).toBe('usable');
    expect(rungOf(ran, 'ServiceRequest')).toMatchObject({ verdict: 'not-tried', why: 'the session ended first' });
    expect(ran.code).toBe(1);
  });
});

describe('WB8: where an entry may not be marked', () => {
  it('a note says that it is void, and IT is told what has to be taken out', async () => {
    await open({ writeBack: { withdraw: false, rungs: only('DocumentReference', 'ServiceRequest') } });
    const { report, code } = await stage.rehearse();
    const [correction] = written().filter((note) => `DocumentReference/${note.id}` === report?.correction?.reference);
    expect(report?.correction?.state).toBe('confirmed');
    expect(report?.remains).toHaveLength(3);
    for (const reference of report?.remains.slice(0, 2) ?? []) expect(wordsOf(correction)).toContain(reference);
    expect(wordsOf(correction)).toContain('Void, written by a technical rehearsal');
    expect(report?.rungs.flatMap(({ remarks }) => remarks)).toContain('the app could not mark it as entered in error');
    expect(code).toBe(0);
  });

  it('also where the EHR refuses the update that it granted', async () => {
    await open({
      writeBack: { withdraw: true, rungs: only('Communication') },
      ehr: at(async ({ request }, next) =>
        request.method === 'PUT' ? refusal(405, { severity: 'error', code: 'not-supported' }) : next(request),
      ),
    });
    const { report } = await stage.rehearse();
    expect(report?.correction).toMatchObject({
      state: 'confirmed',
      reference: expect.stringMatching(/^Communication\//),
    });
    expect(report?.remains).toHaveLength(2);
  });

  it('where no note can be written either, what remains is named', async () => {
    await open({ writeBack: { withdraw: false, rungs: only('ServiceRequest') } });
    const { report } = await stage.rehearse();
    expect(report?.correction).toBeNull();
    expect(report?.remains).toEqual([`ServiceRequest/${written()[0]?.id}`]);
  });
});

describe('Bad usage is told, and exits with 2', () => {
  it.each([
    ['no patient', ['--family', 'X'], '--patient'],
    ['no family name', ['--patient', 'zz-test'], '--family'],
    ['a patient that is a path', ['--patient', '../x', '--family', 'X'], '--patient'],
    ['another tenant', [...NAMED, '--tenant', 'other'], '--tenant'],
    ['a wait without end', [...NAMED, '--wait', '100000'], '--wait'],
    ['an unknown format', [...NAMED, '--format', 'xml'], '--format'],
  ])('%s', async (_, args, word) => {
    await open();
    const err: string[] = [];
    const terminal = { out: () => {}, err: (line: string) => err.push(line), stdin: async () => '' };
    const code = await run(['rehearse', '--config', stage.configFile, '--tenant', 'practice', ...args], terminal);
    expect(code).toBe(2);
    expect(err.join('\n').split('\n')[0]).toContain(word);
    expect(changes()).toEqual([]);
  });

  it('also for a configuration that no server would start from, and says why', async () => {
    await open({ tenant: { frameAncestors: ['*'] } });
    await expect(stage.rehearse()).rejects.toThrow(/cannot be used: .*is not an origin/s);
  });

  it('also for a site that has switched write-back off, and --practice at any other EHR', async () => {
    await open({ writeBack: { enabled: false } });
    await expect(stage.rehearse()).rejects.toThrow('write-back is switched off');
    await stage.close();
    await open({ tenant: { practice: false } });
    await expect(stage.rehearse()).rejects.toThrow('--practice is for a tenant marked practice');
  });
});

/** All words of a resource, its attachments read. */
function wordsOf(resource: FhirResource | undefined): string {
  const data = resource?.resourceType === 'DocumentReference' ? resource.content[0]?.attachment.data : undefined;
  return `${JSON.stringify(resource)} ${Buffer.from(data ?? '', 'base64').toString('utf8')}`;
}
