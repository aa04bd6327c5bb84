/** An authorize request that is too long for an address: a form that sends itself, where the EHR takes one (L7). */
import { html } from 'hono/html';
import { page } from './pages.ts';

/** Some servers cut an address off at 2,048 characters. */
export const LONGEST_ADDRESS = 2_000;

/** The page's script, at an address of its own because the policy allows none within the page. */
export const POST_SCRIPT_PATH = '/launch/post.js';
export const POST_SCRIPT = 'document.forms[0].submit();\n';

/** The same parameters as in the address, as a form. */
export function authorizeForm(address: string): ReturnType<typeof page> {
  const { origin, pathname, searchParams } = new URL(address);
  const fields = [...searchParams].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  return page(
    'Signing in',
    html`<h1>Signing in at the EHR</h1>
<form method="post" action="${origin}${pathname}">${fields}<button class="button">Continue</button></form>
<script src="${POST_SCRIPT_PATH}"></script>`,
  );
}

/** Where that form may lead: the EHR, and whatever sign-in page of the hospital's own it sends on to, since browsers hold every step of the way against this. */
export function formActionOf(address: string): string {
  return `'self' ${new URL(address).origin} https:`;
}
