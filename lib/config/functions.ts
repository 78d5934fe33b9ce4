/** Folders below `functions/`, each a Lambda function whose `index.ts` exports `handler`. */
export const functionNames = [
  'receive-signal',
  'execute-order',
  'track-orders',
  'refresh-markets',
  'query-desk',
  'query-candles',
  'switch-risk',
  'cancel-orders',
  'manage-orders',
  'rotate-key',
  'check-keys',
  'probe-exchanges',
  'renew-leases',
  'plan-reconciliations',
  'reconcile-balances',
  'plan-candles',
  'collect-candles',
  'notify',
  'send-notice',
] as const;
export type FunctionName = (typeof functionNames)[number];
