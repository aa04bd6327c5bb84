/** A real server process over a real store, to be killed: takes one JSON question a line, gives one JSON answer a line. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAudit } from '../../../server/audit.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { openStore } from '../../../server/store/open.ts';
import { recover } from '../../../server/write-back/recovery.ts';
import { Refusal } from '../../../server/write-back/refusal.ts';
import { createWriteBack } from '../../../server/write-back/write-back.ts';
import { launchOf, metformin } from '../write-back-ehr.ts';
import type { Question } from './server-processes.ts';

const [data = '', base = ''] = process.argv.slice(2);
const databaseUrl = process.env.DATABASE_URL;
const keys = openKeyRing(join(data, 'keys.json'));
const { store, kept } = await openStore({ dataDir: data, keys, databaseUrl });
const TIMEOUT = 500;
await recover({ store, now: new Date(), untouchedFor: databaseUrl ? 3 * TIMEOUT : 0 });
const audit = createAudit({ store, keys });
const writeBack = createWriteBack({
  store,
  keys,
  audit,
  shelf: kept,
  timeout: TIMEOUT,
  backOff: [0, 50, 100],
});

createInterface({ input: process.stdin }).on('line', (line) => void reply(JSON.parse(line) as Question));
process.stdout.write('{"ready":true}\n');

async function reply(question: Question): Promise<void> {
  const answered = await answer(question).then(
    (value) => ({ id: question.id, value }),
    (error: unknown) => ({ id: question.id, refused: error instanceof Refusal ? error.code : String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}

function answer(question: Question): Promise<unknown> {
  const launched = launchOf({ base, patientId: question.patientId, now: new Date() });
  switch (question.ask) {
    case 'preview':
      return writeBack.preview(launched, metformin);
    case 'approve':
      return writeBack.approve(launched, question.preview);
    case 'reconcile':
      return writeBack.reconcile(launched);
    case 'resend':
      return writeBack.resend(launched, question.approvalId);
    case 'verify':
      return audit.verify();
  }
}
