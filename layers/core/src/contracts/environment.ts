/**
 * Names of the environment variables between the infrastructure that sets them and the functions that read them.
 * A construct's `grant…` sets the variable together with the permission, so neither can be forgotten.
 */
export const environmentNames = {
  stage: 'NIGHTDESK_STAGE',
  /** `on` or `off`; `off` refuses every order of an account in mode `live`. */
  liveTrading: 'NIGHTDESK_LIVE_TRADING',
  ordersTable: 'NIGHTDESK_ORDERS_TABLE',
  journalTable: 'NIGHTDESK_JOURNAL_TABLE',
  signalsTable: 'NIGHTDESK_SIGNALS_TABLE',
  riskTable: 'NIGHTDESK_RISK_TABLE',
  positionsTable: 'NIGHTDESK_POSITIONS_TABLE',
  booksTable: 'NIGHTDESK_BOOKS_TABLE',
  /** Accounts that are to be reconciled. */
  reconciliationsQueueUrl: 'NIGHTDESK_RECONCILIATIONS_QUEUE_URL',
  paperTable: 'NIGHTDESK_PAPER_TABLE',
  marketsTable: 'NIGHTDESK_MARKETS_TABLE',
  coordinationTable: 'NIGHTDESK_COORDINATION_TABLE',
  candlesTable: 'NIGHTDESK_CANDLES_TABLE',
  quotesTable: 'NIGHTDESK_QUOTES_TABLE',
  /** What streams tell of orders. */
  orderNewsQueueUrl: 'NIGHTDESK_ORDER_NEWS_QUEUE_URL',
  /** Bucket of Parquet files. */
  archiveBucket: 'NIGHTDESK_ARCHIVE_BUCKET',
  /** What is new of every lane. */
  candleJobsQueueUrl: 'NIGHTDESK_CANDLE_JOBS_QUEUE_URL',
  /** What is missing of the past. */
  backfillJobsQueueUrl: 'NIGHTDESK_BACKFILL_JOBS_QUEUE_URL',
  /** Tells requests to venues apart by the address they leave from: limits are counted per address. */
  egressName: 'NIGHTDESK_EGRESS_NAME',
  signalsQueueUrl: 'NIGHTDESK_SIGNALS_QUEUE_URL',
  /** By which the kill switch has orders canceled. */
  cancelOrdersFunction: 'NIGHTDESK_CANCEL_ORDERS_FUNCTION',
  noticesQueueUrl: 'NIGHTDESK_NOTICES_QUEUE_URL',
  /** Where channels of type `sns` publish; `none` where no channel was of that type when the stack was deployed. */
  noticesTopicArn: 'NIGHTDESK_NOTICES_TOPIC_ARN',
  configApplication: 'NIGHTDESK_CONFIG_APPLICATION',
  configEnvironment: 'NIGHTDESK_CONFIG_ENVIRONMENT',
  configProfile: 'NIGHTDESK_CONFIG_PROFILE',
  /** Seconds until a configuration that was read is asked for again. */
  configAgeSeconds: 'NIGHTDESK_CONFIG_AGE_SECONDS',
  /** Secrets are named `<prefix>/tokens/<role>`, `<prefix>/sources/<source>/<kind>`, `<prefix>/accounts/<account>/<kind>`, `<prefix>/channels/<channel>`. */
  secretsPrefix: 'NIGHTDESK_SECRETS_PREFIX',
  /** Folder of the venue layer; `/opt/venues` on Lambda. */
  venuesDirectory: 'NIGHTDESK_VENUES_DIRECTORY',
  /** Where the stream service tells whether it works, on loopback; 0 is nowhere. */
  healthPort: 'NIGHTDESK_HEALTH_PORT',
} as const;

export type EnvironmentName = (typeof environmentNames)[keyof typeof environmentNames];

/** Roles of bearer tokens, weakest first; each may do what those before it may. */
export const roles = ['viewer', 'trader', 'risk', 'admin'] as const;
export type Role = (typeof roles)[number];

/** How a source proves itself: a token in the path, or a signature over timestamp and body. */
export const sourceSecretKinds = ['token', 'signing'] as const;
export type SourceSecretKind = (typeof sourceSecretKinds)[number];

/** Names of secrets below the stage's prefix. */
export const secretNames = {
  token: (prefix: string, role: Role): string => `${prefix}/tokens/${role}`,
  source: (prefix: string, source: string, kind: SourceSecretKind): string => `${prefix}/sources/${source}/${kind}`,
  /** For everything but placing and cancelling, where the account has one. */
  readOnly: (prefix: string, account: string): string => `${prefix}/accounts/${account}/read-only`,
  trading: (prefix: string, account: string): string => `${prefix}/accounts/${account}/trading`,
  /** What a channel of notifications.yaml sends with: a bot's token, the address of a webhook, what messages are signed with. */
  channel: (prefix: string, channel: string): string => `${prefix}/channels/${channel}`,
};
