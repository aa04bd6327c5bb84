/** The medicines of a hook's draft orders, as medicines that are planned. */
import { isObject, type Json } from '../../models/engine/facts/json.ts';
import { HookRefusal, type HookRequest } from './request.ts';

/** Drafts as resources for the reader, and the references under which facts will name the ones being chosen. */
export interface DraftOrders {
  readonly resources: readonly Json[];
  /** On order-select only those newly selected. */
  readonly chosen: ReadonlySet<string>;
}

const DRAFT = 'draft-';

/** Throws 400 when a draft is for another patient. */
export function draftOrders({ hook, context }: HookRequest): DraftOrders {
  if (hook === 'patient-view') return { resources: [], chosen: new Set() };
  const selected = 'selections' in context ? new Set(context.selections as string[]) : undefined;
  const resources: Json[] = [];
  const chosen = new Set<string>();
  for (const [index, { resource }] of context.draftOrders.entry.entries()) {
    if (resource.resourceType === 'Medication') resources.push(resource);
    if (resource.resourceType !== 'MedicationRequest') continue;
    refuseOthers(resource, context.patientId);
    // An id of its own: a draft that revises an order of the chart must not hide it.
    const id = `${DRAFT}${index}`;
    resources.push({ ...resource, id, status: 'draft', intent: resource.intent ?? 'order', meta: undefined });
    if (!selected || isSelected(resource, selected)) chosen.add(`MedicationRequest/${id}`);
  }
  return { resources, chosen };
}

function isSelected({ id }: Json, selected: ReadonlySet<string>): boolean {
  return [`MedicationRequest/${id}`, String(id)].some((name) => selected.has(name));
}

function refuseOthers({ subject }: Json, patientId: string): void {
  const reference = isObject(subject) ? subject.reference : undefined;
  if (typeof reference === 'string' && /(?:^|\/)Patient\/([^/]+)$/.exec(reference)?.[1] !== patientId)
    throw new HookRefusal(400, 'draft-patient', 'A draft order is for another patient.');
}
