/** What an OperationOutcome says about the answer it came with: by the vendor's own code where known, else by FHIR's. */
import type { NoticeMeaning, OutcomeCodes } from '../../launch/vendors/vendor.ts';
import { asArray, isRecord } from './json.ts';

/** `incomplete` and `note` are FHIR's own; `scope` and `too-long` are said by our relay and by EHRs that refuse. */
export type Meaning = NoticeMeaning | 'incomplete' | 'scope' | 'too-long' | 'note';

/** Words for what is missing, without a word of the EHR's own text, which might name the patient. */
export const MISSING: Readonly<Partial<Record<Meaning, string>>> = {
  truncated: 'the EHR cut the answer short',
  'not-authorised': 'the EHR withheld what this app or user may not see',
  restricted: 'part of it is restricted in the EHR',
  scope: 'part of it is restricted in the EHR',
  'try-later': 'the EHR asks to try again later',
  'too-long': 'a page was larger than 20 MB',
  'someone-else': 'entries about someone else came with it and were left out',
  'page-elsewhere': 'a further page was not on the EHR’s own server and was not read',
  incomplete: 'the EHR said that part of the answer is missing',
};

/** Said beside an answer that is whole. */
export const REMARK: Readonly<Partial<Record<Meaning, string>>> = {
  'view-limited': 'the EHR notes that its record may hold more than this account may see',
};

/** One meaning for each issue; an outcome without issues says only that something went wrong. */
export function meaningsOf(outcome: Record<string, unknown>, codes: readonly OutcomeCodes[]): readonly Meaning[] {
  const issues = asArray(outcome.issue).filter(isRecord);
  return issues.length === 0 ? ['incomplete'] : issues.map((issue) => vendorMeaning(issue, codes) ?? meaning(issue));
}

function vendorMeaning(issue: Record<string, unknown>, codes: readonly OutcomeCodes[]): Meaning | undefined {
  const details = isRecord(issue.details) ? issue.details : {};
  for (const coding of asArray(details.coding).filter(isRecord)) {
    const { system, code } = coding;
    if (typeof system !== 'string' || typeof code !== 'string') continue;
    const known = codes.find((one) => system.startsWith(one.system) && Object.hasOwn(one.meanings, code));
    if (known) return known.meanings[code];
  }
  return undefined;
}

/** FHIR IssueType first: a server may call even a withheld entry "information". */
function meaning({ code, severity }: Record<string, unknown>): Meaning {
  // Whatever its severity, `incomplete` never is a mere note.
  if (code === 'incomplete') return 'incomplete';
  switch (code) {
    case 'suppressed':
    case 'security':
      return 'restricted';
    case 'forbidden':
    case 'login':
    case 'expired':
      return 'scope';
    case 'too-long':
      return 'too-long';
    case 'too-costly':
      return 'truncated';
    case 'informational':
      return 'note';
    default:
      return severity === 'information' || severity === 'success' ? 'note' : 'incomplete';
  }
}
