/** What a book of promises must do, whichever database it is in. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { PromiseBook } from '../../server/promises/book.ts';

/** `open` gives another way to the same book each time, until `reset`. */
export interface BookUnderTest {
  open(): Promise<PromiseBook>;
  reset(): Promise<void>;
}

export function promiseContract(name: string, under: BookUnderTest): void {
  describe(`${name}: what was promised`, () => {
    let book: PromiseBook;
    const potassium = { path: 'observation.potassium', made: 1_700_000_000_000, due: 1_700_600_000_000 };
    const inr = { path: 'observation.inr', made: 1_700_000_000_000, due: 1_700_100_000_000 };
    beforeEach(async () => {
      await under.reset();
      book = await under.open();
    });

    it('to one server is known to the next, the next due first, and of another patient nothing', async () => {
      await book.make('pk', potassium);
      await book.make('pk', inr);
      const next = await under.open();
      expect(await next.of('pk')).toEqual([inr, potassium]);
      expect(await next.of('another')).toEqual([]);
    });

    it('again stands for all before it', async () => {
      await book.make('pk', potassium);
      const later = { ...potassium, made: potassium.made + 1, due: potassium.due + 1 };
      await book.make('pk', later);
      expect(await book.of('pk')).toEqual([later]);
    });

    it('can be taken back, for this test and this patient only', async () => {
      for (const patient of ['pk', 'another']) for (const each of [potassium, inr]) await book.make(patient, each);
      await book.withdraw('pk', potassium.path);
      expect(await book.of('pk')).toEqual([inr]);
      expect(await book.of('another')).toHaveLength(2);
    });

    it('is forgotten when its day is long past, and not a moment before', async () => {
      await book.make('pk', inr);
      await book.make('pk', potassium);
      expect(await book.purge(inr.due)).toBe(0);
      expect(await book.purge(inr.due + 1)).toBe(1);
      expect(await book.of('pk')).toEqual([potassium]);
    });
  });
}
