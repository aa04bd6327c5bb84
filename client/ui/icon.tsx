/** The signs: 20 px grid, 1.6 stroke, always beside a word. Octagon, diamond and triangle have one meaning each. */
const paths = {
  octagon: 'M6.7 2h6.6L18 6.7v6.6L13.3 18H6.7L2 13.3V6.7zM10 6v5M10 13.6v.2',
  diamond: 'M10 1.8 18.2 10 10 18.2 1.8 10zM10 6.4v4.4M10 13.2v.2',
  unknown: 'M7.9 7.8a2.1 2.1 0 1 1 3 2c-.7.4-.9.8-.9 1.5M10 13.6v.2',
  triangle: 'M10 2.8 18.4 17H1.6zM10 8v4M10 14.3v.2',
  lock: 'M4.5 9h11v8h-11zM7 9V6a3 3 0 0 1 6 0v3',
  clock: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M10 6v4.4l2.8 1.6',
  empty: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14M4.6 16.4 15.6 3.8',
  dash: 'M5 10h10',
  tick: 'M4 10.5 8 14.5 16 5.5',
  cross: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  checked: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M6.6 10.3 9 12.7l4.4-5.2',
  excluded: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M7.5 7.5l5 5M12.5 7.5l-5 5',
  right: 'M7.5 4.5 13 10l-5.5 5.5',
  down: 'M4.5 7.5 10 13l5.5-5.5',
  risk: 'M3 14a7 7 0 0 1 14 0M10 14l3.4-4.6',
  pill: 'M8.2 16.4a3.8 3.8 0 0 1-5.4-5.4l8.4-8.4a3.8 3.8 0 0 1 5.4 5.4zM7 6.8l5.4 5.4',
  lab: 'M2.5 14.5 7 9l3.5 3 3-7 4 6',
  card: 'M5 3.5h10v14H5zM8 3.5V2h4v1.5M8 8h4M8 11h4M8 14h2',
  swap: 'M4 7h11l-3-3M16 13H5l3 3',
} as const;

/** `part` is a part-filled disc, `square` a dashed square, `unknown` a dashed ring: shapes with their own strokes. */
export type IconName = keyof typeof paths | 'part' | 'square';

/** A sign; hidden from screen readers, because the word beside it says it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      {name === 'part' && (
        <>
          <circle cx="10" cy="10" r="7.5" />
          <path class="filled" d="M10 10V2.5A7.5 7.5 0 1 1 2.5 10z" />
        </>
      )}
      {name === 'square' && <rect x="3.5" y="3.5" width="13" height="13" rx="1.5" stroke-dasharray="3 2.4" />}
      {name === 'unknown' && <circle cx="10" cy="10" r="7.7" stroke-dasharray="2.6 2.2" />}
      {name !== 'part' && name !== 'square' && <path d={paths[name]} />}
    </svg>
  );
}
