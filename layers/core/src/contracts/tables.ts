/** Keys and indexes of the tables, shared by the constructs that create them and the repositories that use them. */
export const tableSchemas = {
  orders: {
    partitionKey: 'orderId',
    indexes: {
      /** Sparse: only orders that are not finished carry `openAccount`. */
      open: { name: 'open-by-account', partitionKey: 'openAccount', sortKey: 'createdKey' },
      bySignal: { name: 'by-signal', partitionKey: 'signalId', sortKey: 'createdKey' },
      /** `createdDay` is the UTC day `YYYY-MM-DD`; newest first by reading backwards. */
      byDay: { name: 'by-day', partitionKey: 'createdDay', sortKey: 'createdKey' },
    },
  },
  /** `stream` is `order#<id>`, `signal#<id>`, `risk#<account>`, `books#<account>`, `config` or `position#<account>#<symbol>`; `sequence` counts from 1 without gaps. */
  journal: { partitionKey: 'stream', sortKey: 'sequence' },
  /** `signalId` holds signals, and `window#…` rows of senders that send neither id nor time. */
  signals: { partitionKey: 'signalId', timeToLive: 'expiresAt' },
  /** One row per account, and `*` for all. */
  risk: { partitionKey: 'account' },
  /** What the desk's own fills add up to; a view of the `position#…` streams. */
  positions: { partitionKey: 'account', sortKey: 'symbol' },
  /** What the desk holds an account to have, and where its venue says otherwise: `row` is `books`, or `day#<YYYY-MM-DD>`. */
  books: { partitionKey: 'account', sortKey: 'row' },
  /** Paper accounts: `row` is `account`, or `order#<client order id>`. Nobody else could tell what they have. */
  paper: { partitionKey: 'account', sortKey: 'row' },
  /** What functions agree on while they run: `budget#…` rows of request limits, `lease#…`, `health#…`. Any may be lost. */
  coordination: { partitionKey: 'key', timeToLive: 'expiresAt' },
  /**
   * What is collected. `series` is the key of a series, with a row per period and per quarantined candle; `lane#…`, with a row per run;
   * `index#<venue>`, with a row per series; `venues`, with a row per venue.
   */
  candles: { partitionKey: 'series', sortKey: 'row', timeToLive: 'expiresAt' },
  /**
   * What streams bring: `symbol` with a row per venue that has it; `connection#<id>` with the row `heard`; `tasks` with a row per task of
   * the stream service. All of it is soon out of date, and may be lost.
   */
  quotes: { partitionKey: 'symbol', sortKey: 'venue', timeToLive: 'expiresAt' },
  markets: {
    partitionKey: 'venue',
    sortKey: 'symbol',
    /** `venueName` is `<venue>#<BASEQUOTE>`: how charts and alerts spell a market. */
    indexes: { byName: { name: 'by-name', partitionKey: 'venueName', sortKey: 'symbol' } },
  },
} as const;
