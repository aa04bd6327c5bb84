/** The ledger of what left, whose code is brought when it is first opened. */
import { later } from '../ui/later.tsx';

export const Ledger = later<object>(async () => (await import('./ledger.tsx')).Ledger);
