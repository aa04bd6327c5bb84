/** The nine faces of a state, and the session's: none looks like another, and none looks like "all is well". */
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** Which face a state wears. */
export type FaceName =
  | 'slow'
  | 'empty'
  | 'refused'
  | 'not-asked'
  | 'incomplete'
  | 'error'
  | 'checked'
  | 'not-applicable'
  | 'doubt'
  | 'saved';

const icons: Readonly<Record<FaceName, IconName>> = {
  slow: 'clock',
  empty: 'empty',
  refused: 'lock',
  'not-asked': 'square',
  incomplete: 'part',
  error: 'triangle',
  checked: 'checked',
  'not-applicable': 'dash',
  doubt: 'unknown',
  saved: 'checked',
};

/** A state in words, with its code for IT and a way out where there is one. */
export function Face(props: {
  face: FaceName;
  title: string;
  children?: ComponentChildren;
  code?: string | undefined;
  level?: 2 | 3 | 4;
}) {
  const Heading = `h${props.level ?? 3}` as const;
  return (
    <section class={`face face-${props.face}`}>
      <Icon name={icons[props.face]} />
      <div>
        <Heading class="face-title">{props.title}</Heading>
        {props.children}
        {props.code && <p class="caption">{props.code}</p>}
      </div>
    </section>
  );
}

/** Grey shapes of the final size while something is read; no spinner. */
export function Skeleton({ label }: { label: string }) {
  return (
    <div class="skeleton" role="status">
      <p class="caption">{label}</p>
      <div class="bone bone-title" />
      <div class="bone" />
      <div class="bone" />
      <div class="bones">
        <div class="bone bone-button" />
        <div class="bone bone-button" />
        <div class="bone bone-button" />
      </div>
    </div>
  );
}
