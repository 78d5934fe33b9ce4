/** Coins and the funding wallet, which is empty here: all coins are in the unified wallet. */
import type { AccountCall, Route } from './context.ts';

const reads = { method: 'GET', access: 'private', permission: 'read', perSecond: 5 } as const;

export const assetRoutes: readonly Route[] = [
  { ...reads, path: '/v5/asset/coin/query-info', handle: coinInfo },
  { ...reads, path: '/v5/asset/transfer/query-account-coins-balance', handle: fundingBalances },
];

function coinInfo({ venue, params }: AccountCall) {
  const wanted = params.text('coin');
  const coins = venue.catalog.assets().filter((coin) => (wanted ?? coin) === coin);
  return {
    rows: coins.map((coin) => ({
      name: coin,
      coin,
      remainAmount: '1000000',
      chains: [
        {
          chainType: coin,
          confirmation: '12',
          withdrawFee: '0.001',
          depositMin: '0',
          withdrawMin: '0.01',
          chain: coin,
          chainDeposit: '1',
          chainWithdraw: '1',
          minAccuracy: '8',
          withdrawPercentageFee: '0',
          contractAddress: '',
        },
      ],
    })),
  };
}

function fundingBalances({ account, params }: AccountCall) {
  const coins = params.text('coin')?.split(',') ?? ['USDT'];
  const balance = coins.map((coin) => ({ coin, transferBalance: '0', walletBalance: '0', bonus: '' }));
  return { accountType: params.required('accountType'), memberId: String(account.index), balance };
}
