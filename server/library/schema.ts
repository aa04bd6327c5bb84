/** The shape of every knowledge file, as it is written. Formulas are text here; the loader parses them. */
import { z } from 'zod';
import { EFFECTS, LABEL_RELATIONS, MECHANISMS } from '../../models/engine/interactions/label-words.ts';

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an id in kebab-case');
const version = z.string().regex(/^\d+\.\d+\.\d+$/, 'a version like 1.0.0');
const text = z.string().min(1);
const summary = z.string().min(1).max(139);
const formula = z
  .string()
  .min(1)
  .describe('Numbers, names, + - * /, comparisons, && ||, min max ln exp pow floor where');
const fact = z
  .string()
  .regex(
    /^(patient|observation|condition|history|medication|derived|gene|taking|asked|site)\.[\w-]+$/,
    'a fact path such as observation.creatinine',
  );
const duration = z.string().regex(/^P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?$/, 'an ISO 8601 duration such as P1Y');
const indicator = z.enum(['info', 'warning', 'critical']);
const date = z.iso.date();

/** `recalled` has neither date nor place; `opened` must say when. */
export const citation = z
  .strictObject({
    text,
    url: z.url().exactOptional(),
    doi: text.exactOptional(),
    place: text.exactOptional(),
    basis: z.enum(['opened', 'shared', 'recalled']),
    opened: date.exactOptional(),
    grade: z.enum(['A', 'B', 'C']).exactOptional(),
  })
  .refine(({ basis, opened, place }) => basis !== 'recalled' || (opened === undefined && place === undefined), {
    error: 'a recalled citation without opened and place',
  })
  .refine(({ basis, opened }) => basis !== 'opened' || opened !== undefined, { error: 'the date it was opened' });
const citations = z.array(citation).min(1);

const name = z.string().regex(/^[a-z]\w*$/, 'a name that a formula can use');
const ask = z.strictObject({
  question: text,
  choices: z
    .array(z.strictObject({ value: text, label: text }))
    .min(2)
    .exactOptional(),
});

const input = z.strictObject({
  name,
  fact,
  label: text,
  unit: text.exactOptional(),
  required: z.boolean(),
  range: z.tuple([z.number(), z.number()]).exactOptional(),
  outside: z.enum(['abstain', 'closest']).exactOptional(),
  maxAge: duration.exactOptional(),
  codes: z.record(z.string(), z.number()).exactOptional(),
  whenAbsent: z.number().exactOptional(),
  missing: z.strictObject({ value: z.number(), indicator: name }).exactOptional(),
  ask: ask.exactOptional(),
  whatIf: z.strictObject({ min: z.number(), max: z.number(), step: z.number().positive() }).exactOptional(),
});

const conditionRule = z.strictObject({ condition: id, because: text, ever: z.boolean().exactOptional() });

/** To whom a model or rule applies. */
export const population = z.strictObject({
  text,
  age: z.tuple([z.int().min(0), z.int().max(130)]).exactOptional(),
  sex: z.enum(['female', 'male']).exactOptional(),
  exclude: z.array(conditionRule).exactOptional(),
  require: z.array(conditionRule).exactOptional(),
  unless: z.array(z.strictObject({ fact, because: text })).exactOptional(),
  onlyWith: z
    .array(
      z.strictObject({
        facts: z.array(fact).min(1),
        atLeast: z.int().positive().exactOptional(),
        maxAge: duration.exactOptional(),
        because: text,
        ask: ask.exactOptional(),
      }),
    )
    .exactOptional(),
  starting: z.strictObject({ medicine: text, days: z.int().positive(), because: text }).exactOptional(),
  silentInComfortCare: z.boolean().exactOptional(),
  pregnant: z.enum(['excluded', 'allowed']).exactOptional(),
});

const outcome = z.strictObject({
  id: name,
  title: text,
  unit: text,
  horizon: duration.exactOptional(),
  bands: z.array(z.strictObject({ below: z.number(), word: text })).exactOptional(),
});

const advice = z.strictObject({ when: formula, indicator, summary, detail: text, action: text.exactOptional() });

/**
 * How the names of a conformance file map to a model's. `where`: a case is ours when every key here equals the case's.
 * `inputs`: our input → its name in the case, or a number of ours for each of the case's values, or one number for all
 * cases. `outputs`: our outcome or term → its keys in `expected`, with a factor, the name of their tolerance, or the
 * band's word instead of the number.
 */
const vectorMapping = z.strictObject({
  file: text,
  where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  inputs: z.record(
    z.string(),
    z.union([
      text,
      z.strictObject({ key: text, values: z.record(z.string(), z.number()) }),
      z.strictObject({ value: z.number() }),
    ]),
  ),
  outputs: z.record(
    z.string(),
    z.union([
      text,
      z.array(
        z.strictObject({
          key: text,
          times: z.number().exactOptional(),
          tolerance: text.exactOptional(),
          word: z.literal(true).exactOptional(),
        }),
      ),
    ]),
  ),
});

const byName = z.record(z.string(), z.number());
const reference = z.strictObject({
  text,
  values: byName,
  together: z.array(z.array(name).min(2)).exactOptional(),
  citations,
});
const decision = z.strictObject({
  outcome: name,
  age: z.tuple([z.int().min(0), z.int().max(130)]).exactOptional(),
  where: z.record(z.string(), z.tuple([z.number(), z.number()])).exactOptional(),
  decides: text,
  tiers: z
    .array(z.strictObject({ from: z.number(), word: text }))
    .min(2)
    .refine((tiers) => tiers.every(({ from }, index) => index === 0 || from > (tiers[index - 1]?.from ?? from)), {
      error: 'tiers in ascending order',
    }),
  citations,
});
const example = z.strictObject({ inputs: byName, outputs: byName, tolerance: z.number().positive(), source: text });

export type VectorMapping = z.infer<typeof vectorMapping>;

const modelBase = {
  id,
  version,
  title: text,
  population,
  inputs: z.array(input).min(1),
  outcomes: z.array(outcome).min(1),
  limitation: text,
  citations,
  provides: fact.exactOptional(),
  advice: z.array(advice).exactOptional(),
  refuse: z.array(z.strictObject({ when: formula, because: text })).exactOptional(),
  preference: z.strictObject({ family: id, order: z.int().positive() }).exactOptional(),
  vectors: z.union([vectorMapping, z.array(vectorMapping)]).exactOptional(),
  reference: reference.exactOptional(),
  decisions: z.array(decision).exactOptional(),
  example: example.exactOptional(),
};
const numbers = z.record(z.string(), z.number());

/** `dosing/<id>.json` */
export const pharmacokineticModel = z
  .strictObject({
    id,
    version,
    title: text,
    drug: z.strictObject({ rxcui: z.string().regex(/^\d+$/), name: text }),
    level: fact,
    population,
    inputs: z.array(input).min(1),
    terms: z.array(z.strictObject({ name, formula })).exactOptional(),
    parameters: z.strictObject({ cl: formula, v1: formula, q: formula.exactOptional(), v2: formula.exactOptional() }),
    varies: z.array(z.enum(['cl', 'v1', 'q', 'v2'])).min(1),
    omega: z.array(z.array(z.number())).min(1),
    residual: z.strictObject({ proportional: z.number().min(0), additive: z.number().min(0) }),
    order: z.int().positive(),
    target: z.strictObject({ area: z.tuple([z.number().positive(), z.number().positive()]), for: text, citations }),
    regimens: z.strictObject({
      doses: z.array(z.number().positive()).min(1),
      every: z.array(z.number().positive()).min(1),
      rate: z.number().positive(),
      shortest: z.number().positive(),
      mostPerDay: z.number().positive(),
      citations,
    }),
    limitation: text,
    citations,
    vectors: z.strictObject({ file: text, model: text }).exactOptional(),
  })
  .refine(
    ({ target, regimens }) => [...target.citations, ...regimens.citations].every(({ basis }) => basis !== 'recalled'),
    {
      error: 'a target and regimens whose sources were opened or shared: nothing recalled makes a dose',
    },
  );

/** `risk/<id>/manifest.json` */
export const riskManifest = z.discriminatedUnion('kind', [
  z.strictObject({
    ...modelBase,
    kind: z.literal('points'),
    items: z.array(z.strictObject({ label: text, when: formula, points: numbers })).min(1),
  }),
  z.strictObject({
    ...modelBase,
    kind: z.literal('regression'),
    stratum: z.union([text, z.array(text).min(2)]).exactOptional(),
    constants: z.record(z.string(), numbers).exactOptional(),
    terms: z.array(z.strictObject({ name: text, formula, label: text.exactOptional() })).exactOptional(),
    link: z.enum(['identity', 'logistic', 'exp']).exactOptional(),
    coefficients: z.record(z.string(), z.record(z.string(), numbers)).exactOptional(),
    equation: z.record(z.string(), formula).exactOptional(),
  }),
  z.strictObject({
    ...modelBase,
    kind: z.literal('onnx'),
    file: text,
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex'),
    tensor: z.strictObject({
      input: text,
      output: text,
      dtype: z.enum(['float32', 'float64']),
      outputIndex: z.int().min(0),
      contributions: text.exactOptional(),
    }),
    features: z
      .array(
        z.strictObject({
          name: text,
          formula,
          unit: text,
          range: z.tuple([z.number(), z.number()]),
          missing: z.union([z.number(), z.literal('abstain')]),
        }),
      )
      .min(1),
  }),
]);

/** `risk/<id>/card.json`: the source attributes are checked by kind, each one present. */
export const modelCard = z
  .looseObject({ kind: z.enum(['evidence-based', 'predictive']), name: text, version })
  .superRefine((card, context) => {
    for (const [prefix, count] of card.kind === 'evidence-based' ? [['E', 13] as const] : [['P', 31] as const]) {
      for (let number = 1; number <= count; number++) {
        const attribute = attributeOf(card, `${prefix}${number}`);
        if (typeof attribute !== 'string' || attribute.trim() === '')
          context.addIssue({
            code: 'custom',
            message: `source attribute ${prefix}${number} in words (what is absent is said to be: “not performed”)`,
            path: ['attributes', `${prefix}${number}`],
          });
      }
    }
  });

function attributeOf(card: Readonly<Record<string, unknown>>, name: string): unknown {
  const { attributes } = card;
  return attributes !== null && typeof attributes === 'object'
    ? (attributes as Record<string, unknown>)[name]
    : undefined;
}

/** `value-sets/<id>.json` */
export const valueSet = z.strictObject({
  id,
  title: text,
  codes: z
    .array(
      z.strictObject({
        system: z.url().or(z.string().startsWith('urn:')),
        code: text,
        prefix: z.boolean().exactOptional(),
        display: text.exactOptional(),
      }),
    )
    .min(1),
  citations,
});

const ingredient = z.strictObject({ rxcui: z.string().regex(/^\d+$/, 'an RxCUI'), name: text });

/** `drugs/classes/<id>.json` */
export const drugClass = z.strictObject({ id, title: text, members: z.array(ingredient).default([]), citations });

/** `drugs/ingredients/<group>.json`: profiles, with each citation written once under a key. */
export const ingredientGroup = z.strictObject({
  group: id,
  citations: z.record(z.string(), citation),
  ingredients: z
    .array(
      z.strictObject({
        rxcui: z.string().regex(/^\d+$/, 'an RxCUI'),
        name: text,
        classes: z.array(id).default([]),
        traits: z.record(z.string(), z.string()).default({}),
        /** Trait (or `classes`, `fractionRenal`, `routes`, `lingers`) → key of its citation; `default` for those not named. */
        basis: z.record(z.string(), z.string()).refine((basis) => 'default' in basis, { error: 'a key `default`' }),
        fractionRenal: z.number().min(0).max(1).exactOptional(),
        routes: z.array(text).exactOptional(),
        /** How long it still acts on others after it was stopped. */
        lingers: duration.exactOptional(),
        /** Why the drug table does not have it: withdrawn, not sold in the US. */
        unlisted: text.exactOptional(),
      }),
    )
    .min(1),
});

/** One trait with its grades, or several joined by `&`. */
const SELECTOR = /^[\w.-]+:[\w-]+(\|[\w-]+)*(&[\w.-]+:[\w-]+(\|[\w-]+)*)*$/;

const participant = z.strictObject({
  label: text,
  ingredients: z.array(ingredient).exactOptional(),
  classes: z.array(id).exactOptional(),
  traits: z.array(z.string().regex(SELECTOR, 'a selector such as inhibitor.cyp3a4:strong|moderate')).exactOptional(),
  except: z.array(z.string().regex(/^\d+$/, 'an RxCUI')).exactOptional(),
  routes: z.array(text).exactOptional(),
});

/** `interactions/<id>.json` */
export const interaction = z.strictObject({
  id,
  version,
  title: text,
  object: participant,
  precipitant: participant,
  mechanism: text,
  consequence: text,
  seriousness: z.enum(['fatal', 'serious', 'moderate', 'minor']),
  evidence: text,
  indicator,
  summary,
  action: text,
  alternatives: z.array(text).exactOptional(),
  maxAge: z.record(fact, duration).exactOptional(),
  modifiers: z.array(
    z.strictObject({
      id,
      when: text,
      needs: z.array(fact),
      indicator,
      summary,
      because: text,
      action: text.exactOptional(),
      citations: citations.exactOptional(),
    }),
  ),
  limitation: text,
  citations,
  mergeKey: text.exactOptional(),
  cases: z.unknown().exactOptional(),
});

/** `interactions/label/<group>.json`: what labels say of pairs, coded; see `models/engine/interactions/label.ts`. */
export const labelFacts = z.strictObject({
  group: id,
  citations: z.record(z.string(), citation),
  facts: z.array(
    z.strictObject({
      /** RxCUI, class id or selector. */
      object: text,
      name: text,
      with: z.array(text).min(1),
      relation: z.enum(LABEL_RELATIONS),
      effect: z.string().refine((code) => code in EFFECTS, { error: 'an effect of interactions/label-words.ts' }),
      mechanism: z
        .string()
        .refine((code) => code in MECHANISMS, { error: 'a mechanism of interactions/label-words.ts' }),
      cap: z
        .strictObject({ value: z.number().positive(), unit: z.literal('mg/d'), of: z.enum(['object', 'precipitant']) })
        .exactOptional(),
      only: text.exactOptional(),
      source: text,
    }),
  ),
});

/** `rules/<id>.json` */
export const rule = z.strictObject({
  id,
  version,
  title: text,
  population,
  concerns: z.strictObject({ expression: text, because: text }),
  needs: z.array(z.strictObject({ fact, label: text, unit: text.exactOptional(), maxAge: duration.exactOptional() })),
  tiers: z
    .array(
      z.strictObject({
        expression: text,
        text,
        indicator,
        summary,
        detail: text,
        action: text.exactOptional(),
        citations,
      }),
    )
    .min(1),
  shown: z.array(fact).max(2),
  limitation: text,
  citations,
  mergeKey: text.exactOptional(),
  cases: z.unknown().exactOptional(),
});

/** `effects/<id>.json` */
export const treatmentEffect = z
  .strictObject({
    id,
    version,
    title: text,
    population,
    limits: z.array(
      z.strictObject({
        fact,
        label: text,
        unit: text,
        range: z.tuple([z.number(), z.number()]),
        maxAge: duration,
        because: text,
      }),
    ),
    fits: z.array(z.strictObject({ models: z.array(id).min(1), outcome: name })).min(1),
    measure: z.enum(['risk-ratio', 'rate-ratio', 'hazard-ratio']),
    ratio: z.number().positive(),
    interval: z.tuple([z.number().positive(), z.number().positive()]),
    counted: text,
    followUp: text,
    limitation: text,
    citations,
  })
  .refine(({ ratio, interval: [low, high] }) => low <= ratio && ratio <= high, {
    error: 'a ratio within its interval',
  });

const keyed = z.record(z.string(), citation);
const state = {
  concern: text.exactOptional(),
  when: text.exactOptional(),
  needs: z.array(fact).exactOptional(),
  maxAge: z.record(fact, duration).exactOptional(),
};

/** `cautions/<id>.json`: each citation written once under a key, and what the cautions share written once. */
export const cautionTheme = z.strictObject({
  id,
  version,
  title: text,
  ...state,
  limitation: text,
  gather: summary.exactOptional(),
  silentInComfortCare: z.boolean().exactOptional(),
  citations: keyed,
  cautions: z
    .array(
      z.strictObject({
        id,
        medicine: participant,
        ...state,
        indicator,
        summary,
        because: text,
        action: text,
        limitation: text.exactOptional(),
        cite: z.array(text).min(1),
        mergeKey: text.exactOptional(),
      }),
    )
    .min(1),
});

/** `allergies/<id>.json` */
export const crossReactivity = z.strictObject({
  id,
  version,
  title: text,
  allergen: participant.extend({
    codes: z.array(z.strictObject({ system: text, code: text })).exactOptional(),
    words: z.array(z.string().regex(/^[a-z0-9][a-z0-9 ]*$/, 'words in lower case')).exactOptional(),
  }),
  crosses: z.array(
    z.strictObject({
      id,
      medicine: participant,
      indicator: z.strictObject({
        severe: indicator.exactOptional(),
        allergy: indicator.exactOptional(),
        unstated: indicator.exactOptional(),
        intolerance: indicator.exactOptional(),
      }),
      reactions: z.array(text).min(1).exactOptional(),
      summary,
      because: text,
      action: text,
      cite: z.array(text).min(1),
    }),
  ),
  limitation: text,
  citations: keyed,
});

const weight = z.int().min(0);
const ofEach = z.record(z.string(), z.int().positive());

/** `burdens/<id>.json`: medicines of one effect, the facts that add to it, and what is said from which count on. */
export const burden = z.strictObject({
  id,
  version,
  title: text,
  consequence: text,
  contributors: z
    .array(
      participant.extend({
        id,
        weight: z.int().positive(),
        named: z.record(z.string().regex(/^\d+$/, 'an RxCUI'), text).exactOptional(),
        once: z.literal(true).exactOptional(),
      }),
    )
    .min(1),
  maxAge: z.record(fact, duration).exactOptional(),
  facts: z.array(
    z.strictObject({
      id,
      when: text,
      needs: z.array(fact),
      weight,
      because: text,
      group: id.exactOptional(),
      cites: z.array(text).exactOptional(),
    }),
  ),
  tiers: z
    .array(
      z.strictObject({
        id,
        medicines: z.int().positive().exactOptional(),
        weight: z.int().positive().exactOptional(),
        total: z.int().positive().exactOptional(),
        of: ofEach.exactOptional(),
        all: z.array(id).min(1).exactOptional(),
        any: z.array(id).min(1).exactOptional(),
        unless: z.array(id).min(1).exactOptional(),
        indicator,
        summary,
        action: text,
        cites: z.array(text).exactOptional(),
      }),
    )
    .min(1),
  silentInComfortCare: z.literal(true).exactOptional(),
  limitation: text,
  citations: keyed,
  cites: z.array(text).min(1),
  mergeKey: text,
});

const said = {
  indicator,
  summary,
  because: text,
  action: text,
  cite: z.array(text).min(1),
  mergeKey: text.exactOptional(),
};

/** `duplicates/<id>.json` */
export const duplicate = z.strictObject({
  id,
  version,
  title: text,
  groups: z.array(z.strictObject({ id, group: participant, with: participant.exactOptional(), ...said })),
  repeats: z
    .array(z.strictObject({ ...said, only: participant.exactOptional(), except: participant.exactOptional() }))
    .exactOptional(),
  daily: z
    .array(
      z.strictObject({
        id,
        ingredient,
        most: z.strictObject({ value: z.number().positive(), unit: z.enum(['mg', 'g']) }),
        ...said,
      }),
    )
    .exactOptional(),
  limitation: text,
  citations: keyed,
});

/** `companions/<id>.json` */
export const companion = z.strictObject({
  id,
  version,
  title: text,
  for: z
    .array(
      z.strictObject({
        medicine: participant,
        days: z.int().positive().exactOptional(),
        asNeeded: z.literal(true).exactOptional(),
        dose: z
          .strictObject({
            factors: z.record(z.string(), z.number().positive()),
            least: z.number().positive(),
            unit: text,
          })
          .exactOptional(),
        count: z.int().positive().exactOptional(),
      }),
    )
    .min(1),
  without: participant,
  when: text.exactOptional(),
  needs: z.array(fact).exactOptional(),
  maxAge: z.record(fact, duration).exactOptional(),
  indicator,
  summary,
  because: text,
  action: text,
  limitation: text,
  citations,
  mergeKey: text.exactOptional(),
});

/** `site.json`: what the site sets for models that bind `site.<name>`. */
export const siteSettings = z.record(z.string().regex(/^[a-z][\w-]*$/, 'a name'), z.union([text, z.number()]));

/** Every schema by the name of its file in `models/schemas`. */
export const SCHEMAS = {
  'risk-manifest': riskManifest,
  'model-card': modelCard,
  'value-set': valueSet,
  'drug-class': drugClass,
  'ingredient-group': ingredientGroup,
  interaction,
  'label-facts': labelFacts,
  rule,
  'treatment-effect': treatmentEffect,
  'caution-theme': cautionTheme,
  'cross-reactivity': crossReactivity,
  burden,
  duplicate,
  companion,
} as const;

/** `monitoring/<theme>.json` */
export const monitoringTheme = z.strictObject({
  id,
  version,
  title: text,
  medicines: z
    .array(
      z.strictObject({
        id,
        medicine: participant,
        checks: z
          .array(
            z
              .strictObject({
                fact,
                after: z.array(z.int().positive()).exactOptional(),
                phases: z
                  .array(z.strictObject({ untilDay: z.int().positive(), every: z.int().positive() }))
                  .exactOptional(),
                every: z.int().positive().exactOptional(),
                routine: z.literal(true).exactOptional(),
                limits: z
                  .array(
                    z.strictObject({
                      fact,
                      above: z.number().exactOptional(),
                      below: z.number().exactOptional(),
                      unit: text,
                      says: text,
                      cite: text,
                    }),
                  )
                  .exactOptional(),
                cite: text,
              })
              .refine(({ after, every }) => after !== undefined || every !== undefined, { error: 'after or every' }),
          )
          .min(1),
        citations: z.record(z.string(), citation),
      }),
    )
    .min(1),
});

const injuryMarker = z.strictObject({
  fact,
  label: text,
  unit: text,
  upper: z.number().positive().exactOptional(),
  lower: z.number().positive().exactOptional(),
});

const injurySign = z.strictObject({
  facts: z.array(fact).min(1),
  of: z.enum(['value', 'upper', 'baseline', 'highest-30d', 'rise-48h', 'rise-year']),
  least: z.number().exactOptional(),
  most: z.number().exactOptional(),
  below: z.number().exactOptional(),
  ifKnown: z.literal(true).exactOptional(),
});

/** `injury/<organ>.json` */
export const injury = z.strictObject({
  id,
  version,
  title: text,
  organ: text,
  markers: z.array(injuryMarker).min(1),
  limitsCite: text.exactOptional(),
  baselineCite: text.exactOptional(),
  levels: z
    .array(
      z.strictObject({
        word: text,
        indicator: z.enum(['warning', 'info']),
        all: z.array(injurySign).min(1),
        cite: text,
      }),
    )
    .min(1),
  pattern: z
    .strictObject({
      of: fact,
      to: fact,
      words: z.array(z.strictObject({ from: z.number().min(0), word: text })).min(1),
      cite: text,
    })
    .exactOptional(),
  current: z.int().positive(),
  typical: z.tuple([z.int().min(0), z.int().positive()]),
  typicalCite: text.exactOptional(),
  unless: z.strictObject({ condition: id, because: text }).exactOptional(),
  suspects: z
    .array(z.strictObject({ medicine: participant, says: text, anytime: z.literal(true).exactOptional(), cite: text }))
    .min(1),
  check: text,
  settle: text,
  settleCite: text,
  limitation: text,
  mergeKey: text,
  citations: z.record(z.string(), citation),
});

/** `doses/<theme>.json`. A regimen in figures needs a source that was opened. */
export const doseTheme = z.strictObject({
  id,
  version,
  title: text,
  medicines: z
    .array(
      z
        .strictObject({
          rxcui: z.string().regex(/^\d+$/),
          name: text,
          rows: z
            .array(
              z.strictObject({
                metric: z.enum(['crcl', 'egfr', 'dialysis', 'child-pugh']),
                from: z.number().exactOptional(),
                below: z.number().exactOptional(),
                fromExclusive: z.literal(true).exactOptional(),
                belowInclusive: z.literal(true).exactOptional(),
                classes: z.array(z.enum(['A', 'B', 'C'])).exactOptional(),
                action: z.enum([
                  'contraindicated',
                  'avoid',
                  'no-start',
                  'reduce',
                  'max-dose',
                  'extend-interval',
                  'monitor',
                ]),
                regimen: text.exactOptional(),
                cap: z.strictObject({ value: z.number().positive(), unit: text }).exactOptional(),
                for: text.exactOptional(),
                cite: text,
              }),
            )
            .min(1),
          citations: z.record(z.string(), citation),
        })
        .refine(({ rows, citations }) => rows.every(({ cite }) => Object.hasOwn(citations, cite)), {
          error: 'citations for every row',
        })
        .refine(
          ({ rows, citations }) => rows.every(({ regimen, cite }) => !regimen || citations[cite]?.basis !== 'recalled'),
          {
            error: 'no dose that is only recalled',
          },
        ),
    )
    .min(1),
});
