import { describe, expect, it } from 'vitest';
import { answering, success, symbol } from '../../support/answering-edgex.ts';
import { documented, exampleAccount } from '../../support/recorded-edgex.ts';

type Entry = Record<string, unknown>;

describe("edgeX's public data", () => {
  it('becomes markets with exact steps and limits, and what orders are signed with', async () => {
    const [market, ether] = await answering().client.fetchMarkets();
    expect(market).toMatchObject({
      id: '10000001',
      symbol,
      type: 'swap',
      settle: 'USDT',
      linear: true,
      active: true,
      precision: { amount: '0.001', price: '0.1' },
      limits: { amount: { min: '0.001', max: '50.000' }, leverage: { max: '50' } },
      taker: '0.00055',
      info: { starkExResolution: '0x2540be400', quoteCoin: { starkExResolution: '0xf4240' } },
    });
    // Its coin is missing in the documented list of coins.
    expect(ether?.symbol).toBe('ETH/USDT:USDT');
  });

  it('becomes tickers, of one market or all', async () => {
    const { client } = answering({ getTicker: documented('ticker') });
    const ticker = await client.fetchTicker(symbol);
    expect(ticker).toMatchObject({
      symbol,
      timestamp: 1_734_597_508_250,
      last: '101642.7',
      percentage: '-2.1849',
      baseVolume: '499.487',
      quoteVolume: '50821443.7464',
      indexPrice: '101676.380723500',
    });
    expect(await client.fetchTickers([symbol])).toMatchObject({ [symbol]: { last: '101642.7', info: ticker.info } });
  });

  it("becomes a book in the venue's order, of the depth asked for", async () => {
    const { client, sent } = answering({ getDepth: documented('depth') });
    const book = await client.fetchOrderBook(symbol, 2);
    expect(book).toMatchObject({
      timestamp: 1_734_598_036_435,
      nonce: 201_223_747,
      asks: [
        ['101695.9', '0.579'],
        ['101696.0', '0.923'],
      ],
    });
    expect(book.bids).toHaveLength(2);
    await client.fetchOrderBook(symbol, 100);
    expect(sent.slice(-2).map(({ url }) => url.searchParams.get('level'))).toEqual(['15', '200']);
  });

  it('becomes candles, asked for from their start', async () => {
    const { client, sent } = answering({ getKline: documented('kline') });
    const sinceMs = 1_734_595_200_000;
    const candles = await client.fetchOHLCV('ETH/USDT:USDT', '1h', sinceMs, 3, { price: 'mark' });
    expect(candles).toEqual([[sinceMs, '3694.57', '3694.59', '3667.42', '3670.42', '111.96']]);
    expect(Object.fromEntries(sent.at(-1)?.url.searchParams ?? [])).toEqual({
      contractId: '10000002',
      klineType: 'HOUR_1',
      priceType: 'ORACLE_PRICE',
      size: '3',
      filterBeginKlineTimeInclusive: String(sinceMs),
      filterEndKlineTimeExclusive: String(sinceMs + 3 * 3_600_000),
    });
  });

  it('becomes funding rates: one interval after a rate was fixed it is paid', async () => {
    const { client } = answering({
      getLatestFundingRate: documented('latest-funding-rate'),
      getFundingRatePage: documented('funding-rate-page'),
    });
    expect(await client.fetchFundingRate(symbol)).toMatchObject({
      fundingRate: '-0.00005537',
      fundingDatetime: '2024-12-19T12:00:00.000Z',
      nextFundingRate: '-0.00012293',
      interval: '4h',
    });
    expect(Object.keys(await client.fetchFundingRates())).toEqual([symbol]);
    expect(await client.fetchFundingRateHistory(symbol)).toMatchObject([
      { symbol, fundingRate: '0.00005000', timestamp: 1_733_702_400_000 },
    ]);
  });

  it('tells the time', async () => {
    expect(await answering({ getServerTime: documented('server-time') }).client.fetchTime()).toBe(1_734_596_189_305);
  });
});

describe('an edgeX account', () => {
  it('becomes balances and positions', async () => {
    const { client } = answering({ getAccountAsset: documented('account-asset') });
    expect(await client.fetchBalance()).toMatchObject({
      USDT: { total: '15.791238609240472316741943359375', free: '13.836550' },
    });
    expect(await client.fetchPositions()).toMatchObject([
      {
        symbol,
        side: 'long',
        contracts: '0.001',
        entryPrice: '97444.5',
        leverage: '50',
        liquidationPrice: '82354.9',
        marginMode: 'cross',
      },
    ]);
  });

  it('shows a negative size as a short position, and none for zero', async () => {
    const { data } = documented('account-asset') as Entry & { data: Entry & { positionList: Entry[] } };
    const of = (openSize: string) => ({ ...data, positionList: [{ ...data.positionList[0], openSize }] });
    const short = answering({ getAccountAsset: success(of('-0.002')) });
    expect(await short.client.fetchPositions([symbol])).toMatchObject([{ side: 'short', contracts: '0.002' }]);
    expect(await answering({ getAccountAsset: success(of('0.000')) }).client.fetchPositions()).toEqual([]);
  });

  it('sets the leverage of one market', async () => {
    const { client, commands } = answering({ updateLeverageSetting: success(null) });
    await client.setLeverage(5, symbol);
    const accountId = exampleAccount.accountId;
    expect(commands()).toEqual([{ accountId, contractId: '10000001', leverage: '5' }]);
  });
});

describe('an edgeX order', () => {
  const [live] = documented('order-by-id').data as Entry[];

  it('is read from the documented answers', async () => {
    const { client } = answering({ getOrderById: documented('order-by-id') });
    expect(await client.fetchOrder('564829588270612618', symbol)).toMatchObject({
      id: '564829588270612618',
      clientOrderId: '9311381563209122',
      symbol,
      type: 'limit',
      side: 'buy',
      price: '96260.7',
      amount: '0.001',
      filled: '0',
      status: 'open',
      timeInForce: 'GTC',
      triggerPrice: undefined,
    });
  });

  it.each([
    ['PENDING', 'UNKNOWN_ORDER_CANCEL_REASON', 'open'],
    ['OPEN', 'UNKNOWN_ORDER_CANCEL_REASON', 'open'],
    ['UNTRIGGERED', 'UNKNOWN_ORDER_CANCEL_REASON', 'open'],
    ['FILLED', 'UNKNOWN_ORDER_CANCEL_REASON', 'closed'],
    ['CANCELING', 'USER_CANCELED', 'canceling'],
    ['CANCELED', 'USER_CANCELED', 'canceled'],
    ['CANCELED', 'COULD_NOT_FILL', 'canceled'],
    ['CANCELED', 'EXPIRE_CANCELED', 'expired'],
    ['UNKNOWN_ORDER_STATUS', 'UNKNOWN_ORDER_CANCEL_REASON', undefined],
  ])('that is %s for %s is %s', async (status, cancelReason, expected) => {
    const { client } = answering({ getOrderById: success([{ ...live, status, cancelReason }]) });
    expect((await client.fetchOrder('1')).status).toBe(expected);
  });

  it('is looked for among live orders, then among past ones, by our id too', async () => {
    const found = answering({
      getOrderByClientOrderId: success([]),
      getHistoryOrderByClientOrderId: success([live]),
    });
    expect(await found.client.fetchOrder('', symbol, { clientOrderId: '9311381563209122' })).toMatchObject({ symbol });
    expect(found.sent.at(-1)?.url.searchParams.get('clientOrderIdList')).toBe('9311381563209122');
    const missing = answering({ getOrderById: success([]), getHistoryOrderById: success([]) });
    await expect(missing.client.fetchOrder('1')).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('is listed from every page', async () => {
    const pages = answering({
      getActiveOrderPage: (query: URLSearchParams) =>
        success(
          query.get('offsetData') === 'second'
            ? { dataList: [{ ...live, id: '2' }], nextPageOffsetData: '' }
            : { dataList: [{ ...live, id: '1' }], nextPageOffsetData: 'second' },
        ),
    });
    expect((await pages.client.fetchOpenOrders(symbol)).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('is not shown to be absent by a list without an end, or by no list', async () => {
    const endless = answering({ getActiveOrderPage: success({ dataList: [live], nextPageOffsetData: 'more' }) });
    await expect(endless.client.fetchOpenOrders(symbol)).rejects.toThrow('more than 50 pages');
    const empty = answering({ getActiveOrderPage: success({}) });
    await expect(empty.client.fetchOpenOrders(symbol)).rejects.toMatchObject({ name: 'BadResponse' });
  });

  it('is found past by what became of it', async () => {
    const { client, sent } = answering({ getHistoryOrderPage: documented('history-order-page') });
    expect(await client.fetchClosedOrders(symbol)).toMatchObject([
      { status: 'closed', filled: '0.001', cost: '97.4445', average: '97444.5', fee: { currency: 'USDT' } },
    ]);
    await client.fetchCanceledOrders(symbol);
    await client.fetchCanceledAndClosedOrders(symbol);
    const asked = sent.slice(-3).map(({ url }) => url.searchParams.get('filterStatusList'));
    expect(asked).toEqual(['FILLED', 'CANCELED', 'FILLED,CANCELED']);
  });

  it('has the fills that were settled', async () => {
    const { data } = documented('history-order-fill-transaction-page') as { data: { dataList: Entry[] } };
    const [fill] = data.dataList;
    const dataList = [fill, { ...fill, id: '2', censorStatus: 'CENSOR_FAILURE' }];
    const { client, sent } = answering({
      getHistoryOrderFillTransactionPage: success({ dataList, nextPageOffsetData: '' }),
    });
    expect(await client.fetchOrderTrades('564815695875932430', symbol)).toMatchObject([
      {
        id: '564815957260763406',
        order: '564815695875932430',
        side: 'buy',
        takerOrMaker: 'maker',
        amount: '0.001',
        price: '97444.5',
        fee: { cost: '0.017540', currency: 'USDT' },
      },
    ]);
    expect(sent.at(-1)?.url.searchParams.get('filterOrderIdList')).toBe('564815695875932430');
  });
});
