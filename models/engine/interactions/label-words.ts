/**
 * The small vocabulary of label facts and the sentences made of it, in our words. `{object}` and `{precipitant}` are
 * filled with the names of the medicines.
 */

/** How strongly a label speaks, strongest first. */
export const LABEL_RELATIONS = [
  'contraindicated',
  'boxed',
  'avoid',
  'adjust-dose',
  'dose-cap',
  'monitor-closely',
  'monitor',
  'separate-administration',
] as const;

/** What may follow. */
export const EFFECTS: Readonly<Record<string, string>> = {
  'serotonin-syndrome': 'serotonin syndrome',
  'respiratory-depression': 'deep sedation and weak breathing',
  'hypertensive-crisis': 'hypertensive crisis',
  myopathy: 'muscle damage, rhabdomyolysis',
  qt: 'long QT, torsades de pointes',
  'spinal-haematoma': 'spinal or epidural hematoma',
  'anticoagulation-lost': 'anticoagulation is lost, clots',
  inr: 'the INR becomes unreliable',
  'antiplatelet-lost': 'platelet inhibition is lost',
  bleeding: 'bleeding',
  hyperkalaemia: 'high potassium',
  angioedema: 'angioedema',
  'tumour-lysis': 'tumor lysis syndrome',
  'sodium-overcorrection': 'sodium rises too fast',
  'antiviral-lost': 'the antiviral effect is lost, resistance',
  'contraceptive-failure': 'contraception may fail',
  rejection: 'rejection of the transplant',
  acidosis: 'acidosis',
  hypoglycaemia: 'low glucose',
  hyperglycaemia: 'high glucose',
  ergotism: 'vasospasm, ischemia of limbs or heart',
  'heart-failure': 'heart failure',
  bradycardia: 'slow heart, heart block',
  arrhythmia: 'arrhythmia',
  withdrawal: 'withdrawal',
  seizure: 'seizures',
  ototoxicity: 'loss of hearing',
  kidney: 'kidney injury',
  hepatotoxicity: 'liver injury',
  myelosuppression: 'bone marrow suppression',
  infection: 'infection',
  sedation: 'sedation',
  hypotension: 'low blood pressure, fainting',
  hypertension: 'high blood pressure',
  disulfiram: 'flushing, disulfiram-like reaction',
  'intracranial-hypertension': 'raised pressure in the head',
  extrapyramidal: 'movement disorder',
  anticholinergic: 'anticholinergic effects',
  thrombosis: 'thrombosis',
  neuropsychiatric: 'confusion or other effects on the brain',
  adrenal: 'Cushing syndrome, adrenal suppression',
  hyperammonaemia: 'high ammonia',
  'prolonged-block': 'prolonged muscle paralysis',
  hypothyroidism: 'low thyroid function',
  rash: 'serious skin reaction',
  duplication: 'the same effect twice',
  'test-misleading': 'a laboratory test misleads',
  'absorption-down': 'less {object} is absorbed',
  'partner-up': '{precipitant} rises',
  'partner-down': '{precipitant} falls',
  opposed: 'the effects oppose each other',
  'exposure-changes': '{object} may rise or fall',
  'exposure-up': '{object} rises, toxicity',
  'exposure-down': '{object} falls, effect lost',
  'gut-injury': 'injury of the gut',
  unclear: 'effects are not well known',
};

/** By which way. */
export const MECHANISMS: Readonly<Record<string, string>> = {
  serotonergic: 'Serotonergic effects add up.',
  'mao-inhibition': 'Monoamine oxidase is inhibited.',
  qt: 'Effects on the QT interval add up.',
  sedation: 'Depression of the central nervous system adds up.',
  pharmacodynamic: 'Their effects add up or oppose each other.',
  'cyp3a4-inhibition': 'CYP3A4 is inhibited.',
  'cyp3a4-induction': 'CYP3A4 is induced.',
  'cyp2d6-inhibition': 'CYP2D6 is inhibited.',
  'cyp1a2-inhibition': 'CYP1A2 is inhibited.',
  'cyp1a2-induction': 'CYP1A2 is induced.',
  'cyp2c19-inhibition': 'CYP2C19 is inhibited.',
  'cyp2c19-induction': 'CYP2C19 is induced.',
  'cyp2c9-inhibition': 'CYP2C9 is inhibited.',
  'cyp2c9-induction': 'CYP2C9 is induced.',
  'cyp2c8-inhibition': 'CYP2C8 is inhibited.',
  'cyp2b6-inhibition': 'CYP2B6 is inhibited.',
  'cyp2b6-induction': 'CYP2B6 is induced.',
  'p-gp-inhibition': 'P-glycoprotein is inhibited.',
  'p-gp-induction': 'P-glycoprotein is induced.',
  'oatp-inhibition': 'Uptake into the liver (OATP) is inhibited.',
  'bcrp-inhibition': 'The transporter BCRP is inhibited.',
  'renal-transport': 'They compete for secretion by the kidney.',
  'ugt-induction': 'Glucuronidation is induced.',
  'ugt-inhibition': 'Glucuronidation is inhibited.',
  'xo-inhibition': 'Xanthine oxidase is inhibited.',
  'gastric-ph': 'The stomach is less acid.',
  binding: 'One binds the other.',
  'renal-clearance': 'Clearance by the kidney changes.',
  raas: 'Less aldosterone acts.',
  cgmp: 'Both raise cyclic GMP.',
  'gastric-emptying': 'The stomach empties at another speed.',
  induction: 'Metabolism is induced.',
  inhibition: 'Metabolism is inhibited.',
  unknown: 'The way is not stated.',
};

/** Effects that add up with those of other medicines: such findings join the card of that burden. */
export const BURDEN_OF: Readonly<Record<string, string>> = {
  qt: 'qt',
  'serotonin-syndrome': 'serotonergic',
  sedation: 'sedation',
  'respiratory-depression': 'sedation',
  hyperkalaemia: 'potassium-raised',
  bleeding: 'bleeding',
  'spinal-haematoma': 'bleeding',
  hypoglycaemia: 'hypoglycemia',
  bradycardia: 'heart-rate-lowered',
  hypotension: 'blood-pressure',
  kidney: 'kidney',
  anticholinergic: 'anticholinergic',
  inr: 'warfarin-inr',
};

interface Sentences {
  readonly summary: string;
  readonly says: string;
  readonly action: string;
}

/** What each relation says; `{effect}` and `{cap}` are filled too. */
export const SENTENCES: Readonly<Record<(typeof LABEL_RELATIONS)[number], Sentences>> = {
  contraindicated: {
    summary: 'Do not combine {precipitant} with {object}: {effect}',
    says: 'A label contraindicates this combination.',
    action:
      'Choose another medicine for {object} or for {precipitant}; if one of them must go on, stop the other first.',
  },
  boxed: {
    summary: 'Avoid {precipitant} with {object}, boxed warning: {effect}',
    says: 'A boxed warning is about this combination.',
    action: 'Keep the combination only where nothing else serves, at the lowest doses and with close watch.',
  },
  avoid: {
    summary: 'Avoid {precipitant} with {object}: {effect}',
    says: 'A label advises against this combination.',
    action: 'Choose another medicine for {object} or for {precipitant}, or write down why both are needed.',
  },
  'adjust-dose': {
    summary: 'Adjust the dose: {object} with {precipitant}, {effect}',
    says: 'A label changes the dose for this combination.',
    action: 'Set the dose as the label says while both are taken, and back when one is stopped.',
  },
  'dose-cap': {
    summary: 'Limit the dose: {object} with {precipitant}, {effect}',
    says: 'A label limits the dose for this combination.',
    action: 'Keep the dose within the limit of the label while both are taken.',
  },
  'monitor-closely': {
    summary: 'Monitor closely: {object} with {precipitant}, {effect}',
    says: 'A label asks to monitor this combination.',
    action:
      'Check the level, the laboratory value or the signs that tell of it when either is started, changed or stopped.',
  },
  monitor: {
    summary: 'Keep in mind: {object} with {precipitant}, {effect}',
    says: 'A label mentions this combination.',
    action: 'Ask about it at the next visit.',
  },
  'separate-administration': {
    summary: 'Give apart in time: {object} and {precipitant}, {effect}',
    says: 'A label asks to take the two apart.',
    action: 'Plan the hours of the two as the label says.',
  },
};
