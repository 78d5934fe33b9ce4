/** ccxt's candles in Nightdesk's words. */
import { amount, type Candle, compare } from '@nightdesk/core';
import { Fields, listOf, UnparsableAnswerError } from './fields.ts';

/** @throws UnparsableAnswerError when a number makes no sense, or two candles open at one time. */
export function mapCandles(value: unknown): Candle[] {
  const candles = listOf('candles', value).map(mapCandle);
  candles.sort((left, right) => left.openTimeMs - right.openTimeMs);
  if (candles.some((candle, index) => candle.openTimeMs === candles[index - 1]?.openTimeMs)) {
    throw new UnparsableAnswerError('candles', 'openTimeMs', 'one time twice');
  }
  return candles;
}

function mapCandle(value: unknown): Candle {
  const [openTimeMs, open, high, low, close, volume] = listOf('candle', value);
  const fields = new Fields('candle', { openTimeMs, open, high, low, close, volume });
  const traded = fields.optionalQuantity('volume');
  const candle = {
    openTimeMs: fields.timeMs('openTimeMs'),
    open: fields.price('open'),
    high: fields.price('high'),
    low: fields.price('low'),
    close: fields.price('close'),
    ...(traded !== undefined && { volume: amount(traded) }),
  };
  for (const name of ['open', 'close'] as const) {
    if (compare(candle[name], candle.high) > 0 || compare(candle[name], candle.low) < 0) {
      throw new UnparsableAnswerError('candle', name, 'a price outside its low and high');
    }
  }
  return candle;
}
