/** The last look at what is about to be shown for approval: what Attune never writes, whoever made it (interop WB4, WB8). */

const NEVER = /^(Medication[A-Z]\w*|Immunization|NutritionOrder|VisionPrescription|DeviceRequest)$/;

/** Why this may not be written, or `undefined`. A medicine is never written as taken or ordered; a suggestion is never an order and never in force. */
export function forbidden(resource: unknown): string | undefined {
  if (typeof resource !== 'object' || resource === null) return undefined;
  if (Array.isArray(resource)) return first(resource);
  const { resourceType, intent, status, request } = resource as Record<string, unknown>;
  if (typeof resourceType === 'string') {
    if (NEVER.test(resourceType)) return `${resourceType} is never written`;
    if (intent !== undefined && intent !== 'proposal' && intent !== 'plan') return `intent ${String(intent)}`;
    if (status === 'active') return 'status active';
  }
  const method = typeof request === 'object' && request !== null && 'method' in request ? request.method : 'POST';
  if (method !== 'POST') return `a transaction that does ${String(method)}`;
  return first(Object.values(resource));
}

function first(parts: readonly unknown[]): string | undefined {
  for (const part of parts) {
    const found = forbidden(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
