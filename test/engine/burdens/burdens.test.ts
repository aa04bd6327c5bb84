import { describe, expect, test } from 'vitest';
import { burdens, casesOf, holds, said } from './burdens-chart.ts';

describe.each(burdens.map((burden) => ({ id: burden.id, burden })))('$id', ({ burden }) => {
  test.each(casesOf(burden))('$name', (one) => {
    expect(holds(burden, one), JSON.stringify(said(burden, one.chart), undefined, 1)).toBe(true);
  });
});
