/** A part of the screen whose code arrives in a chunk of its own, brought once Today has settled. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Face } from './face.tsx';

/** The part as a component, and `bring`, which loads its code before it is tapped. */
export interface Later<Props> {
  (props: Props): ComponentChildren;
  bring(): Promise<void>;
}

/** `load` gives the component; a part that does not arrive says so. */
export function later<Props extends object>(load: () => Promise<(props: Props) => ComponentChildren>): Later<Props> {
  let part: ((props: Props) => ComponentChildren) | undefined;
  const bring = async () => {
    part ??= await load();
  };
  const Part = (props: Props) => {
    const [state, setState] = useState<'waiting' | 'here' | 'failed'>(part ? 'here' : 'waiting');
    useEffect(() => {
      if (state !== 'waiting') return;
      void bring().then(
        () => setState('here'),
        () => setState('failed'),
      );
    }, [state]);
    if (state === 'failed') {
      return (
        <Face face="error" level={4} title="This part of Attune did not arrive" code="page-incomplete">
          <p>Nothing of it is shown. Reload, or open Attune again from the chart.</p>
        </Face>
      );
    }
    if (!part) return <p class="caption">Opening</p>;
    const Shown = part;
    return <Shown {...props} />;
  };
  return Object.assign(Part, { bring });
}
