/**
 * `npm run bench [-- --no-browser]`: the figures we are measured by, side by side with their budgets. Reported, never
 * asserted: a busy machine must not fail a change.
 */
import { parseArgs } from 'node:util';
import { cdsHooksRows } from './cds-hooks.ts';
import { engineRows } from './engine.ts';
import { explainRows } from './explain.ts';
import { relayRows } from './relay.ts';
import { storeRows } from './store.ts';
import { table } from './table.ts';

const { values } = parseArgs({ options: { 'no-browser': { type: 'boolean', default: false } } });

const rows = [
  ...(await engineRows()),
  ...(await explainRows()),
  ...(await cdsHooksRows()),
  ...(await relayRows()),
  ...(await storeRows()),
];
if (!values['no-browser']) {
  const { browserRows } = await import('./browser.ts');
  const { whatIfRows } = await import('./what-if.ts');
  rows.push(...(await browserRows([50, 150])), ...(await whatIfRows()));
}
process.stdout.write(`${table(rows)}\n`);
process.exit(0);
