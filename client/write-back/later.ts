/** What was written from here, and taking it back: their code is brought once Today has settled. */
import type { WriteOutcome } from '../../launch/api.ts';
import { later } from '../ui/later.tsx';

export const Written = later<{ outcomes: readonly WriteOutcome[] }>(
  async () => (await import('./written.tsx')).Written,
);
export const Withdraw = later<{ approvalId: string }>(async () => (await import('./withdraw.tsx')).Withdraw);
