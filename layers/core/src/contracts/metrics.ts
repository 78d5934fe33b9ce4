/** Metric names, units and dimensions between the functions that emit them and the alarms and dashboard that read them. */
export const metricNamespace = 'Nightdesk';

export const metricNames = {
  /** Signals answered 202. */
  signalsAccepted: 'SignalsAccepted',
  /** Signals answered 200 `duplicate`. */
  signalsDuplicate: 'SignalsDuplicate',
  /** Signals answered 4xx. */
  signalsRefused: 'SignalsRefused',
  /** Orders the venue accepted. */
  ordersAccepted: 'OrdersAccepted',
  /** Orders the venue rejected with evidence. */
  ordersRejected: 'OrdersRejected',
  /** Orders Nightdesk denied before any call. */
  ordersDenied: 'OrdersDenied',
  /** Orders whose state at the venue is not known, open ones that it does not show included; counted every minute. */
  ordersUnknown: 'OrdersUnknown',
  /** Orders the venue was asked about and does not have. */
  ordersNotPlaced: 'OrdersNotPlaced',
  /** Share of a venue's request limit that was leased, percent; dimension `venue`. */
  requestLimitUsed: 'RequestLimitUsed',
  /** Answers by which a venue said that it was asked too much; dimension `venue`. */
  rateLimitAnswers: 'RateLimitAnswers',
  /** Probes of a venue that failed; dimension `venue`. */
  probesFailed: 'ProbesFailed',
  /** Time to a venue's answer, milliseconds; dimension `venue`. */
  venueLatencyMs: 'VenueLatencyMs',
  /** Deliveries of a signal that could not be finished, and are made again. */
  deliveriesFailed: 'DeliveriesFailed',
  /** Requests that ended in an error nobody foresaw, and were answered 500. */
  requestsFailed: 'RequestsFailed',
  /** Signals handed to an account at the next venue because theirs did not answer. */
  signalsFailedOver: 'SignalsFailedOver',
  /** Age of the oldest trading key, days. */
  keyAgeDays: 'KeyAgeDays',
  /** Accounts that are to be reconciled, counted every minute. */
  accountsPlanned: 'AccountsPlanned',
  /** Looks at an account that its venue answered, and those that it did not; dimension `venue`. */
  accountsReconciled: 'AccountsReconciled',
  accountsUnanswered: 'AccountsUnanswered',
  /** How long a look at an account took, milliseconds; dimension `venue`. */
  reconciliationMs: 'ReconciliationMs',
  /** Age of the oldest figures that limits are measured by, seconds; told every minute. */
  figuresAgeSeconds: 'FiguresAgeSeconds',
  /** Differences of every kind but dust, deposits and withdrawals, when they are confirmed. */
  differencesConfirmed: 'DifferencesConfirmed',
  /** Those of them that nothing explains. */
  driftsConfirmed: 'DriftsConfirmed',
  /** Those of them that somebody else made with the account's key. */
  outsidersConfirmed: 'OutsidersConfirmed',
  /** Breakers that tripped. */
  breakersTripped: 'BreakersTripped',
  /** Breakers whose figure has been missing for too long, at every look; dimension `venue`. */
  breakersBlind: 'BreakersBlind',
  /** Series that are collected, and those of them that fail apart from their venue; told every minute. */
  seriesPlanned: 'SeriesPlanned',
  seriesFailing: 'SeriesFailing',
  /** How far the lane that is furthest behind is behind what it should have, seconds; told with every lane. */
  laneLagSeconds: 'LaneLagSeconds',
  /** Candles missing of which it is not found out why; told every minute. */
  gapsOpen: 'GapsOpen',
  /** Candles stored that were new, and those of the past; dimension `venue`. */
  candlesCollected: 'CandlesCollected',
  candlesBackfilled: 'CandlesBackfilled',
  /** Candles that their venue changed after they were stored, and those that make no sense; dimension `venue`. */
  candlesRevised: 'CandlesRevised',
  candlesQuarantined: 'CandlesQuarantined',
  /** Streams that are subscribed, updates that came, and what befell them; dimension `venue`; told every ten seconds. */
  streamSubscriptions: 'StreamSubscriptions',
  streamUpdates: 'StreamUpdates',
  streamGaps: 'StreamGaps',
  streamReconnects: 'StreamReconnects',
  streamRefusals: 'StreamRefusals',
  /** The 99th percentile of the time from the venue's clock to its being received, milliseconds; dimension `venue`. */
  streamLagMs: 'StreamLagMs',
  /** The 99th percentile of the time from being received to being readable as a quote, milliseconds. */
  quotePublishMs: 'QuotePublishMs',
  /** Books that are streamed and not usable for now. */
  booksLost: 'BooksLost',
  /** Units of work that no task of the stream service has room for. */
  streamUnitsUnplaced: 'StreamUnitsUnplaced',
  /** By how much timers of the stream service come late, 99th percentile, milliseconds. */
  streamEventLoopDelayMs: 'StreamEventLoopDelayMs',
  streamMemoryBytes: 'StreamMemoryBytes',
  /** News of orders that were put on the queue, and those that changed an order. */
  orderNewsSent: 'OrderNewsSent',
  orderNewsApplied: 'OrderNewsApplied',
  /** News of orders that are none of the desk's, or that contradict what is known of one. */
  orderNewsDropped: 'OrderNewsDropped',
  /** Renewals of dead man's switches that the venue took, and those that failed; dimension `venue`. */
  leasesRenewed: 'LeasesRenewed',
  leasesFailed: 'LeasesFailed',
  /** Signal received to order accepted by the venue, milliseconds. */
  signalToAcceptedMs: 'SignalToAcceptedMs',
  /** Notices put on the queue, one for each channel that wants it. */
  noticesQueued: 'NoticesQueued',
  /** Notices that a channel took. */
  noticesSent: 'NoticesSent',
  /** Tries of sending a notice that failed; each is made again, a bounded number of times. */
  noticesFailed: 'NoticesFailed',
  /** Changed rows that could not be read, of which nobody could be told. */
  changesUnreadable: 'ChangesUnreadable',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
