import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readApart } from '../../server/library/apart.ts';
import type { Problem } from '../../server/library/problem.ts';

let overlay: string;
beforeEach(() => {
  overlay = mkdtempSync(join(tmpdir(), 'apart-'));
  mkdirSync(join(overlay, 'genes'));
  mkdirSync(join(overlay, 'exposure'));
});
afterEach(() => rmSync(overlay, { recursive: true, force: true }));

/** Reads ours with one file of a site changed. */
async function withChanged(file: string, change: (text: string) => string) {
  writeFileSync(join(overlay, file), change(readFileSync(join('models', file), 'utf8')));
  const problems: Problem[] = [];
  const read = await readApart(['models', overlay], (problem) => problems.push(problem));
  return { read, problems };
}

describe('gene guidance and exposure parameters', () => {
  it('of a site replace ours, under another digest', async () => {
    const ours = await readApart(['models'], () => undefined);
    const { read, problems } = await withChanged('exposure/parameters.json', (text) =>
      text.replace('"gutInduction":1.6', '"gutInduction":1.7'),
    );
    expect(problems).toEqual([]);
    expect(read.exposure?.constants.gutInduction).toBe(1.7);
    expect(read.entries?.exposure.sha256).not.toBe(ours.entries?.exposure.sha256);
    expect(read.entries?.genes.sha256).toBe(ours.entries?.genes.sha256);
  });
  it('with a critical that rests on memory are refused, with the line', async () => {
    const { problems } = await withChanged('genes/labels.json', (text) =>
      text.replace(/"siponimod": \{.*\},\n/, '"siponimod": {"text": "remembered", "basis": "recalled"},\n'),
    );
    expect(problems).toMatchObject([
      { file: 'genes/labels.json', path: expect.stringMatching(/^entries\.\d+\.cite$/), found: 'siponimod' },
    ]);
    expect(problems[0]?.line).toBeGreaterThan(15);
  });
  it('with a row whose words nobody wrote are refused', async () => {
    const { problems } = await withChanged('genes/cpic.json', (text) =>
      text.replace('"abacavir-no"]', '"abacavir-maybe"]'),
    );
    expect(problems).toMatchObject([{ file: 'genes/cpic.json', found: expect.stringContaining('abacavir-maybe') }]);
  });
  it('with a pathway that the model does not have, or more than all of a clearance, are refused', async () => {
    expect(
      (await withChanged('exposure/parameters.json', (text) => text.replace('"CYP2D6":[', '"CYP2D7":['))).problems,
    ).not.toEqual([]);
    expect(
      (
        await withChanged('exposure/parameters.json', (text) =>
          text.replace(/"cr":\{"CYP3A4":\[0\.\d+/, '"cr":{"CYP3A4":[1.4'),
        )
      ).problems,
    ).not.toEqual([]);
  });
  it('are none in a folder that has none', async () => {
    expect(await readApart([overlay], () => undefined)).toEqual({ files: new Map() });
  });
});
