/** The ledger outlives a launch by minutes; what belongs to the launch alone does not (V13). */
import { expect, it } from 'vitest';
import { type LaunchRecord, Secret } from '../../../launch/record.ts';
import { createLedger } from '../../../server/ledger/ledger.ts';
import { launchOf } from '../write-back-ehr.ts';

it('Of a launch the ledger holds whose it is, neither its tokens nor a way to call the EHR', () => {
  const ledger = createLedger({ now: Date.now });
  const { tenantId, context } = launchOf();
  const tokens = { access: new Secret('t'), expiresAt: 0 };
  const record: Pick<LaunchRecord, 'tenantId' | 'context' | 'tokens'> = { tenantId, context, tokens };
  ledger.adopt(record);
  ledger.within({ ...launchOf(), context: { ...context, launchId: 'other' } }, () => undefined);
  for (const visit of ledger.open()) expect(Object.keys(visit)).toEqual(['tenantId', 'context']);
  expect(ledger.open()).toHaveLength(2);
});
