/**
 * The vocabulary of an ingredient's pharmacology: every trait with its grades, weightiest first. The validator holds
 * knowledge to it; the engine only compares words, so that the browser need not carry the list.
 */

const ENZYMES = [
  'cyp1a2',
  'cyp2b6',
  'cyp2c8',
  'cyp2c9',
  'cyp2c19',
  'cyp2d6',
  'cyp3a4',
  'ugt1a1',
  'ugt1a4',
  'ugt2b7',
  'xo',
  'tpmt',
  'dpd',
  'mao',
] as const;
/** `oat`: OAT1 and OAT3; `oct2`: OCT2 and the MATEs. */
const TRANSPORTERS = ['p-gp', 'bcrp', 'oatp1b1', 'oat', 'oct2'] as const;

const SUBSTRATE = ['sensitive', 'moderate', 'minor'];
const PERPETRATOR = ['strong', 'moderate', 'weak'];

/** Trait → its grades. */
export const TRAITS: Readonly<Record<string, readonly string[]>> = {
  qt: ['known', 'possible', 'conditional'],
  bleeding: ['anticoagulant', 'fibrinolytic', 'antiplatelet', 'nsaid', 'serotonergic', 'other'],
  serotonergic: ['strong', 'moderate', 'weak'],
  anticholinergic: ['3', '2', '1'],
  sedation: ['marked', 'mild'],
  'respiratory-depression': ['marked', 'mild'],
  potassium: ['raises', 'lowers'],
  sodium: ['lowers'],
  'blood-pressure': ['lowers', 'raises'],
  'heart-rate': ['lowers', 'raises'],
  glucose: ['lowers-alone', 'lowers', 'raises'],
  nephrotoxic: ['direct', 'haemodynamic'],
  hepatotoxic: ['boxed', 'known', 'possible'],
  myelosuppressive: ['marked', 'mild'],
  'seizure-threshold': ['lowers'],
  sympathomimetic: ['direct', 'indirect', 'mixed'],
  dopamine: ['blocks', 'raises'],
  teratogenic: ['contraindicated', 'known', 'possible'],
  ototoxic: ['yes'],
  'neuromuscular-block': ['yes'],
  'live-vaccine': ['yes'],
  immunosuppressant: ['strong', 'moderate'],
  ...Object.fromEntries(
    ENZYMES.flatMap((enzyme) => [
      [`substrate.${enzyme}`, SUBSTRATE],
      [`inhibitor.${enzyme}`, PERPETRATOR],
      [`inducer.${enzyme}`, PERPETRATOR],
    ]),
  ),
  ...Object.fromEntries(
    TRANSPORTERS.flatMap((transporter) => [
      [`substrate.${transporter}`, ['yes']],
      [`inhibitor.${transporter}`, ['strong', 'yes']],
      [`inducer.${transporter}`, ['yes']],
    ]),
  ),
  'narrow-index': ['yes'],
  prodrug: [...ENZYMES, 'other'],
  'active-metabolite': ['yes'],
  absorption: ['acid-dependent', 'chelated', 'bile-acid-bound'],
  cation: ['yes'],
  'gastric-ph': ['raises'],
  binder: ['yes'],
};

/** What is wrong with a trait and its grade, in words; nothing when both are known. */
export function problemOfTrait(trait: string, grade: string): string | undefined {
  const grades = TRAITS[trait];
  if (!grades) return 'a trait of models/engine/drugs/traits.ts';
  return grades.includes(grade) ? undefined : `one of ${grades.join(', ')}`;
}
