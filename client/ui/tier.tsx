/** The three tiers: word, shape, stroke and place before colour. */
import type { Indicator } from '../../models/engine/evaluation.ts';
import { Icon } from './icon.tsx';

/** The words that stand for the indicators. */
export const tierWord: Readonly<Record<Indicator, string>> = {
  critical: 'Critical',
  warning: 'Important',
  info: 'For information',
};

/** Tag of a tier. An extreme value is to be verified before anything is done about it. */
export function Tier({ indicator, verify = false }: { indicator: Indicator; verify?: boolean }) {
  return (
    <p class={`tier tier-${indicator}`}>
      {indicator === 'critical' && <Icon name="octagon" />}
      {indicator === 'warning' && <Icon name="diamond" />}
      <span>
        {tierWord[indicator]}
        {verify && ': verify first'}
      </span>
    </p>
  );
}
