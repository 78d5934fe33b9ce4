import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BookSum } from '../../../layers/exchange/src/streams/book-sum.ts';
import fc from '../../support/property.ts';

type Level = readonly [price: number, amount: number];

/** As Kraken describes it, by texts. */
function sumOfTexts(asks: readonly Level[], bids: readonly Level[], decimals: { price: number; amount: number }) {
  const digits = (value: number, places: number) => value.toFixed(places).replace('.', '').replace(/^0+/, '');
  const text = ([price, amount]: Level) => digits(price, decimals.price) + digits(amount, decimals.amount);
  return crc32([...asks.slice(0, 10), ...bids.slice(0, 10)].map(text).join(''));
}

it('is that of the texts, whatever changes from one book to the next', () => {
  const decimals = { price: 5, amount: 8 };
  const level = fc
    .tuple(fc.integer({ min: 1, max: 10 ** 11 }), fc.integer({ min: 1, max: 10 ** 15 }))
    .map(([price, amount]): Level => [price / 10 ** 5, amount / 10 ** 8]);
  const side = fc.array(level, { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(side, side, fc.nat(11), level), { maxLength: 5 }), (books) => {
      const sum = new BookSum(decimals);
      for (const [asks, bids, place, other] of books) {
        expect(sum.of(asks, bids)).toBe(sumOfTexts(asks, bids, decimals));
        const changed = asks.map((each, at) => (at === place ? other : each));
        expect(sum.of(changed, bids)).toBe(sumOfTexts(changed, bids, decimals));
        expect(sum.of(changed, bids.slice(1))).toBe(sumOfTexts(changed, bids.slice(1), decimals));
      }
    }),
  );
});

/** The example of https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2 has such prices and amounts. */
it('writes no zeros in front', () => {
  const decimals = { price: 5, amount: 8 };
  const asks: Level[] = [[0.05005, 0.000005]];
  expect(new BookSum(decimals).of(asks, [])).toBe(crc32('5005500'));
});

it('is unknown where a price is greater than its decimals are kept, and known again afterwards', () => {
  const sum = new BookSum({ price: 8, amount: 8 });
  const small: Level = [100, 1];
  const known = sum.of([small], [[99, 1]]);
  expect(sum.of([small], [[3e7, 1]])).toBeUndefined();
  expect(sum.of([small], [[99, 1]])).toBe(known);
});

describe('the sum over amounts that no number holds', () => {
  const decimals = { price: 7, amount: 8 };
  const digits = (text: string) => text.replace('.', '').replace(/^0+/, '');
  const sumOf = (...levels: string[][]) => crc32(levels.flat().map(digits).join(''));

  it('is that of the texts they came in', () => {
    const sum = new BookSum(decimals);
    sum.note([{ price: '0.0010610', qty: '61723434.40910118' }]);
    sum.note([{ price: '0.0010612', qty: '98765432109876.12345678' }]);
    expect(sum.of([[0.0010612, Number('98765432109876.12345678')]], [[0.001061, 61723434.40910118]])).toBe(
      sumOf(['0.0010612', '98765432109876.12345678'], ['0.0010610', '61723434.40910118']),
    );
  });

  it('tells two of them apart that are one number', () => {
    const sum = new BookSum(decimals);
    const [before, after] = ['98765432109876.12345678', '98765432109876.12345679'];
    expect(Number(before)).toBe(Number(after));
    sum.note([{ price: '0.0010610', qty: before }]);
    expect(sum.of([], [[0.001061, Number(before)]])).toBe(sumOf(['0.0010610', before]));
    sum.note([{ price: '0.0010610', qty: after }]);
    expect(sum.of([], [[0.001061, Number(after)]])).toBe(sumOf(['0.0010610', after]));
  });

  it('is another where one of them was not told', () => {
    const sum = new BookSum(decimals);
    expect(sum.of([], [[0.001061, 98765432109876.12]])).not.toBe(sumOf(['0.0010610', '98765432109876.12345678']));
  });

  it('keeps the latest few thousand of them', () => {
    const sum = new BookSum(decimals);
    const qty = '98765432109876.12345678';
    for (let place = 1; place <= 6_000; place += 1) sum.note([{ price: String(place), qty }]);
    expect(sum.of([], [[6_000, Number(qty)]])).toBe(sumOf(['6000.0000000', qty]));
    expect(sum.of([], [[1, Number(qty)]])).not.toBe(sumOf(['1.0000000', qty]));
  });
});
