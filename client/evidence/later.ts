/** The evidence drawer, whose code is brought once Today has settled. */
import { later } from '../ui/later.tsx';

export const Evidence = later<{ id: string }>(async () => (await import('./evidence.tsx')).Evidence);
