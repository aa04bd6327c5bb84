/** A sheet over the page on a narrow screen, a pane beside it from 720 px. The browser's own dialog traps and returns focus. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** Width from which a sheet is a pane. */
const wide = '(min-width: 720px)';

/**
 * Modal below 720 px (everything beneath is inert, Escape closes), a pane beside the cards above it.
 * `always` keeps it modal at any width: approving a write is the one thing that may interrupt.
 */
export function Sheet(props: { title: string; onClose: () => void; modal?: 'always'; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  const { onClose, modal } = props;

  useEffect(() => {
    const sheet = dialog.current;
    const before = document.activeElement;
    if (!sheet) return;
    if (modal !== 'always' && matchMedia(wide).matches) sheet.show();
    else sheet.showModal();
    heading.current?.focus();
    return () => {
      sheet.close();
      // A pane does not give focus back by itself.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [modal]);

  return (
    <dialog
      ref={dialog}
      class={modal === 'always' ? 'sheet sheet-always' : 'sheet'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <div class="sheet-head">
        <h2 id={titleId} ref={heading} tabIndex={-1}>
          {props.title}
        </h2>
        <button type="button" class="button-icon" aria-label="Close" onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      <div class="sheet-body">{props.children}</div>
    </dialog>
  );
}
