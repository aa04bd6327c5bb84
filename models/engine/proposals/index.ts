/** Every kind of resource that an accepted recommendation can become. One line each. */
import { documentReference } from './document-reference.ts';

/** By resource type. The server walks them in its ladder's order and shows what will be written before it is approved. */
export const proposals = {
  DocumentReference: documentReference,
} as const;

export type ProposalKind = keyof typeof proposals;
