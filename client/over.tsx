/** Whatever lies over the page: the evidence of one recommendation, the approval of a note, the sources that were read. */
import { Evidence } from './evidence/later.ts';
import { Ledger } from './ledger/later.ts';
import { Review } from './review/review.tsx';
import { context, opened } from './state.ts';
import { Sources } from './strip/sources.tsx';
import { Withdraw } from './write-back/later.ts';

/** At most one thing at a time. */
export function Over() {
  const over = opened.value;
  if (!over || !context.value) return null;
  switch (over.what) {
    case 'evidence':
      return <Evidence key={over.id} id={over.id} />;
    case 'review':
      return <Review key={over.recommendation.id} recommendation={over.recommendation} />;
    case 'withdraw':
      return <Withdraw key={over.approvalId} approvalId={over.approvalId} />;
    case 'sources':
      return <Sources />;
    case 'egress':
      return <Ledger />;
  }
}
