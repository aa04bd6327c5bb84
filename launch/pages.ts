/** The few pages that the server itself renders: a launch that failed, and the choice of an EHR. Same CSP as the app, no script, nothing from the request but our own links. */
import { html } from 'hono/html';
import { LAUNCH_ERRORS, type LaunchErrorCode } from './errors.ts';

type Html = ReturnType<typeof html>;

/** The style sheet of these pages, served at its own address because the CSP allows no inline style. */
export const PAGE_STYLE_PATH = '/launch.css';
export const PAGE_STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;padding:24px 20px;max-width:34rem;color:#1c2b33;background:#fff}
h1{font-size:1.25rem;line-height:1.3;margin:0 0 12px}
p{margin:0 0 12px}
a,.button{color:#0b5c7a}
.button{display:inline-block;padding:10px 16px;border:1px solid currentcolor;border-radius:6px;text-decoration:none}
.number{font:13px ui-monospace,monospace;color:#4a5b63}
@media (prefers-color-scheme:dark){body{color:#e6edf0;background:#12191d}a,.button{color:#7cc7e4}.number{color:#a5b4bb}}
`;

/** A whole page of ours. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="${PAGE_STYLE_PATH}"></head><body><main>${body}</main></body></html>`;
}

/** What failed, what to do, and the number to tell IT. `newWindow` is a link of our own, for the blocked cookie. */
export function errorPage(options: { code: LaunchErrorCode; requestId: string; newWindow?: string }): Html {
  const { title, text } = LAUNCH_ERRORS[options.code];
  return page(
    title,
    html`<h1>${title}</h1><p role="alert">${text}</p>
${options.newWindow ? html`<p><a class="button" target="_blank" rel="noopener" href="${options.newWindow}">Open in a new window</a></p>` : ''}
<p class="number">Request ${options.requestId}</p>`,
  );
}

/** The registered EHRs, to start from without a chart (L3). */
export function tenantPicker(tenants: readonly { readonly id: string; readonly name: string }[]): Html {
  return page(
    'Choose your EHR',
    html`<h1>Choose your EHR</h1><p>You will sign in there and pick a patient.</p>
${tenants.map((tenant) => html`<p><a class="button" href="/standalone?tenant=${tenant.id}">${tenant.name}</a></p>`)}`,
  );
}
