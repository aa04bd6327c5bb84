/** Why something in the chart was not used, in words. */
import type { Unread } from '../../models/engine/facts/facts.ts';

export const unreadWord: Readonly<Record<Unread['reason'], string>> = {
  'unit-missing': 'no unit given',
  'unit-unknown': 'unit not known',
  'unit-does-not-fit': 'unit does not fit the test',
  'not-a-number': 'not a number',
  'no-value': 'no value',
  'data-absent': 'the EHR says the value is absent',
  implausible: 'not physically plausible',
  'no-date': 'no date',
  'future-date': 'dated in the future',
  'status-not-final': 'not final',
  'entered-in-error': 'entered in error',
  'specimen-does-not-fit': 'another specimen',
  'display-disagrees': 'its name and its code disagree',
  superseded: 'replaced by a corrected result',
  'other-patient': 'about another patient',
  'another-record': 'a record of this patient that is not read here',
  malformed: 'could not be understood',
  'unresolved-medication': 'medicine not recognised',
  restricted: 'restricted in the EHR',
  'not-a-medicine': 'not a medicine (a container, a supply)',
};
