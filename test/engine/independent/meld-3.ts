/** MELD 3.0 written out by hand from the published form (Kim, Gastroenterology 2021;161:1887). Shares nothing with the library. */

/** Bilirubin, creatinine in mg/dL, sodium in mmol/L, albumin in g/dL. */
export interface Laboratory {
  readonly sex: 'female' | 'male';
  readonly bilirubin: number;
  readonly sodium: number;
  readonly inr: number;
  readonly creatinine: number;
  readonly albumin: number;
  readonly dialysis: boolean;
}

/** The score before and after rounding; `final` lies between 6 and 40. */
export function meld3(raw: Laboratory): { readonly unrounded: number; readonly final: number } {
  const bilirubin = Math.max(1, raw.bilirubin);
  const inr = Math.max(1, raw.inr);
  const creatinine = raw.dialysis ? 3 : Math.min(3, Math.max(1, raw.creatinine));
  const sodium = Math.min(137, Math.max(125, raw.sodium));
  const albumin = Math.min(3.5, Math.max(1.5, raw.albumin));
  const unrounded =
    1.33 * (raw.sex === 'female' ? 1 : 0) +
    4.56 * Math.log(bilirubin) +
    0.82 * (137 - sodium) -
    0.24 * (137 - sodium) * Math.log(bilirubin) +
    9.09 * Math.log(inr) +
    11.14 * Math.log(creatinine) +
    1.85 * (3.5 - albumin) -
    1.83 * (3.5 - albumin) * Math.log(creatinine) +
    6;
  return { unrounded, final: Math.min(40, Math.max(6, Math.round(unrounded))) };
}
