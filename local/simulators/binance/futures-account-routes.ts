/** The account for perpetuals, in which there is never anything: they are market data only here. */
import type { AccountCall, Route } from './context.ts';
import type { Params } from './params.ts';

/** At Binance a key needs the permission for futures even to look, and is refused with -2015 without it. */
const read = { method: 'GET', security: 'signed', permission: 'read' } as const;
const keyed = { security: 'key', permission: 'read' } as const;
const nothing = '0.00000000';

const spanParameters = ['symbol', 'startTime', 'endTime', 'limit'];
const tradeParameters = [...spanParameters, 'orderId', 'fromId'];
const incomeParameters = [...spanParameters, 'incomeType', 'page'];

/** Weights as https://developers.binance.com/docs/derivatives/usds-margined-futures has them, counted together with those of spot. */
export const futuresAccountRoutes: readonly Route[] = [
  { ...read, path: '/fapi/v3/account', weight: 5, handle: account },
  { ...read, path: '/fapi/v3/positionRisk', weight: 5, handle: emptyList(['symbol']) },
  { ...read, path: '/fapi/v1/leverageBracket', weight: 1, handle: emptyList(['symbol']) },
  { ...read, path: '/fapi/v1/openOrders', weight: openOrdersWeight, handle: emptyList(['symbol']) },
  { ...read, path: '/fapi/v1/userTrades', weight: 5, handle: emptyList(tradeParameters) },
  { ...read, path: '/fapi/v1/income', weight: 30, handle: emptyList(incomeParameters) },
  { ...keyed, method: 'POST', path: '/fapi/v1/listenKey', weight: 1, handle: listenKey },
  { ...keyed, method: 'PUT', path: '/fapi/v1/listenKey', weight: 1, handle: listenKey },
];

/** The one key of the account, begun or kept: a stream of its own, over which nothing is ever told. */
function listenKey(call: AccountCall): unknown {
  call.params.finish();
  return { listenKey: call.venue.userStreams.createListenKey(`futures of ${call.account.id}`) };
}

function openOrdersWeight(params: Params): number {
  return params.has('symbol') ? 1 : 40;
}

/** @param known parameters that may be sent */
function emptyList(known: readonly string[]): (call: AccountCall) => unknown {
  return ({ params }) => {
    for (const name of known) params.optional(name);
    params.finish();
    return [];
  };
}

function account(call: AccountCall): unknown {
  call.params.finish();
  const margins = {
    initialMargin: nothing,
    maintMargin: nothing,
    positionInitialMargin: nothing,
    openOrderInitialMargin: nothing,
    crossWalletBalance: nothing,
    crossUnPnl: nothing,
    availableBalance: nothing,
    maxWithdrawAmount: nothing,
  };
  return {
    totalInitialMargin: nothing,
    totalMaintMargin: nothing,
    totalWalletBalance: nothing,
    totalUnrealizedProfit: nothing,
    totalMarginBalance: nothing,
    totalPositionInitialMargin: nothing,
    totalOpenOrderInitialMargin: nothing,
    totalCrossWalletBalance: nothing,
    totalCrossUnPnl: nothing,
    availableBalance: nothing,
    maxWithdrawAmount: nothing,
    assets: [
      {
        asset: 'USDT',
        walletBalance: nothing,
        unrealizedProfit: nothing,
        marginBalance: nothing,
        ...margins,
        updateTime: 0,
      },
    ],
    positions: [],
  };
}
