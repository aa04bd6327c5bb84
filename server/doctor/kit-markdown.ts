/** The registration kit as a page to hand in. */
import type { RegistrationKit } from './kit.ts';

export function kitMarkdown(kit: RegistrationKit): string {
  const { app, urls, client } = kit;
  return `# Registering ${app.name} ${app.version}

Knowledge library ${app.libraryDigest}.

## Addresses
${table(
  ['ask for', 'value'],
  [
    ['launch URL', urls.launch],
    ['redirect URI', urls.redirect],
    ['JWKS URL', urls.jwks],
    ['CDS Hooks (optional)', urls.cdsHooks],
    ['health', urls.health],
  ],
)}

## Client
${table(['', ''], Object.entries(client))}

## Scopes
${table(
  ['scope', 'unlocks'],
  kit.scopes.map(({ scope, unlocks }) => [`\`${scope}\``, unlocks]),
)}

A scope that is not granted switches off what needs it, visibly; nothing else changes.

## Data flow
\`\`\`mermaid
flowchart LR
  EHR -- launch, tokens, chart of one patient --> Server[Attune server]
  Server -- the same chart, the library --> Browser
  Browser -- approvals, by ids and codes --> Server
  Server -- the approved note --> EHR
\`\`\`
${table(
  ['from', 'to', 'what', 'kept'],
  kit.dataFlow.map(({ from, to, what, kept }) => [from, to, what, kept]),
)}

## Ports
${table(
  ['direction', 'port', 'peer'],
  kit.ports.map(({ direction, port, peer }) => [direction, port, peer]),
)}

## Retention
${table(
  ['what', 'where', 'how long'],
  kit.retention.map(({ what, where, howLong }) => [what, where, howLong]),
)}

## Content security policy
    ${kit.contentSecurityPolicy}

## Questions that security reviews ask
${table(
  ['question', 'answer'],
  kit.review.map(({ question, answer }) => [question, answer]),
)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
