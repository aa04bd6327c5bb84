/** A section that opens on tap; its count is always seen. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';

/** The content is made when first opened, so that what is closed costs nothing. */
export function Accordion(props: {
  id: string;
  icon: IconName;
  title: string;
  hint: string;
  count?: number | undefined;
  /** Open from the start. */
  open?: boolean;
  children: () => ComponentChildren;
}) {
  const [open, setOpen] = useState(props.open ?? false);
  const panel = `panel-${props.id}`;
  return (
    <section class="accordion">
      <h3>
        <button type="button" aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          <Icon name={props.icon} />
          <span class="accordion-title">
            {props.title} <span class="hint">{props.hint}</span>
          </span>
          {props.count !== undefined && <span class="count">{props.count}</span>}
          <span class={open ? 'turned' : ''}>
            <Icon name="down" />
          </span>
        </button>
      </h3>
      <div id={panel} hidden={!open} class="accordion-body">
        {open && props.children()}
      </div>
    </section>
  );
}
