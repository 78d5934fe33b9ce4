/** Signals as senders write them: every action, target, type of order and exit, at prices that the market comes past. */
import { type Desk, tradedMarkets } from './desk.ts';
import type { Dice } from './dice.ts';
import { accountIds, neighbours } from './settings.ts';

/** A signal in one of the ways that senders write them. */
export function writeSignal({ run, settings }: Desk, number: number): string {
  const { dice, time } = run;
  const { symbol } = (dice.chance(0.75) ? tradedMarkets[settings.focus] : undefined) ?? dice.pickOf(tradedMarkets);
  const sentAt = new Date(time.nowMs()).toISOString();
  if (dice.chance(0.15)) {
    const ticker = symbol.replace('/', '').replace(':USDT', '.P');
    const action = dice.pick(['buy', 'sell']);
    return JSON.stringify({ ticker, action, contracts: '1.5', orderId: `alert ${number}`, timenow: sentAt });
  }
  const accounts = neighbours(settings);
  const target = dice.pick<object>([{}, { account: dice.pickOf(accountIds(settings.accounts)) }, { accounts }]);
  // Without id and time a signal is known again by its body, which the comment makes its own.
  const identity = dice.pick<object>([{ id: `id-${number}` }, { sentAt }, { comment: `comment ${number}` }]);
  const isContract = symbol.includes(':');
  const wish = dice.pick([
    plainOrder,
    plainOrder,
    triggeredOrder,
    bracket,
    bracket,
    position,
    position,
    cancel,
    cancel,
  ]);
  return JSON.stringify({ symbol, ...wish(dice, isContract), ...target, ...identity });
}

const sizes = [
  ...[{ base: '1' }, { base: '2.5' }, { base: '4' }, { base: '0.5' }],
  ...[{ quote: '150' }, { quote: '400' }, { quote: '900' }, { base: '30' }],
] as const;
const prices = ['90', '100', '110'] as const;

function plainOrder(dice: Dice): object {
  const kind = dice.pick<object>([
    {},
    { type: 'limit', price: dice.pick(prices), timeInForce: dice.pick(['GTC', 'IOC', 'PO']) },
    { type: 'limit', price: dice.pick(['89', '111']) },
  ]);
  return { action: dice.pick(['buy', 'sell']), size: dice.pickOf<object>(sizes), ...kind };
}

function triggeredOrder(dice: Dice): object {
  const triggerPrice = dice.pick(['92', '98', '104', '109']);
  const kind = dice.pick<object>([
    { type: 'stop', triggerPrice },
    { type: 'stop_limit', triggerPrice, price: dice.pick(prices) },
    { type: 'take_profit', triggerPrice },
    { type: 'trailing_stop', trailPercent: dice.pick(['1', '5']) },
  ]);
  return { action: dice.pick(['buy', 'sell']), size: dice.pickOf<object>(sizes), ...kind };
}

/** An order with what is to protect its position. */
function bracket(dice: Dice, isContract: boolean): object {
  const targets = dice.pick<object>([
    {},
    { takeProfit: [{ percent: '4' }] },
    {
      takeProfit: [
        { percent: '3', portion: '0.5' },
        { percent: '8', portion: '0.3' },
      ],
    },
  ]);
  const stop = dice.pick<object>([
    { percent: '6' },
    { percent: '2', breakEven: 'takeProfit' in targets },
    { trailPercent: '5' },
  ]);
  const kind = dice.pick<object>([{}, {}, { type: 'limit', price: dice.pick(['99', '100', '101']) }]);
  const action = isContract ? dice.pick(['buy', 'sell']) : 'buy';
  return { action, size: dice.pickOf<object>(sizes), ...kind, ...targets, stopLoss: stop };
}

function position(dice: Dice, isContract: boolean): object {
  const size = dice.pick<object>([{ base: '1' }, { base: '3' }, { quote: '400' }]);
  return dice.pick<object>([
    { action: 'close' },
    { action: 'close', size: { percentPosition: '50' } },
    { target: 'flat' },
    { target: 'long', size },
    isContract ? { target: 'short', size } : { target: 'long', size },
  ]);
}

const cancel = (dice: Dice): object =>
  dice.pick<object>([{ action: 'cancel' }, { action: 'cancel', symbol: undefined }]);
