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
  /** Signal received to order accepted by the venue, milliseconds. */
  signalToAcceptedMs: 'SignalToAcceptedMs',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
