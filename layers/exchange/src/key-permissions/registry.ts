/** The venues that can tell what a key may do. */
import type { VenueId } from '@nightdesk/core';
import { binance } from './binance.ts';
import { bitfinex } from './bitfinex.ts';
import { bitget } from './bitget.ts';
import { bitmex } from './bitmex.ts';
import { bybit } from './bybit.ts';
import { coinbase } from './coinbase.ts';
import { deribit } from './deribit.ts';
import { gate } from './gate.ts';
import { htx } from './htx.ts';
import type { KeyQuestion } from './key-question.ts';
import { kraken } from './kraken.ts';
import { kucoin } from './kucoin.ts';
import { okx } from './okx.ts';

/** By ccxt's id. Several ids can be one venue with the same keys. */
export const keyQuestions: Readonly<Record<string, KeyQuestion>> = {
  binance,
  binancecoinm: binance,
  binanceusdm: binance,
  bitfinex,
  bitget,
  bitmex,
  bybit,
  bybiteu: bybit,
  bybitid: bybit,
  coinbase,
  deribit,
  gate,
  gateeu: gate,
  htx,
  kraken,
  kucoin,
  kucoinfutures: kucoin,
  myokx: okx,
  okx,
  okxus: okx,
};

/** `undefined` for a venue that cannot tell. */
export const keyQuestionOf = (venue: VenueId): KeyQuestion | undefined =>
  Object.hasOwn(keyQuestions, venue) ? keyQuestions[venue] : undefined;
