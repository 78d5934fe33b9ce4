/** What may differ between stages. Everything else is the same in all of them, and stands where it is used. */

export const stageNames = ['local', 'dev', 'prod'] as const;
export type StageName = (typeof stageNames)[number];

export interface StageSettings {
  readonly stage: StageName;
  /** Lets orders of accounts in mode `live` through. The account's mode and its kill switch must agree as well. */
  readonly liveTrading: boolean;
  /** Keep tables, key and secrets when a stack or a resource is deleted, and refuse to delete the records of trading. */
  readonly retainData: boolean;
  readonly logRetentionDays: 7 | 30 | 365;
  /** X-Ray traces of every invocation. */
  readonly tracing: boolean;
  /** Send calls to venues from one elastic IP, for venues that bind keys to addresses. Costs a NAT gateway. */
  readonly fixedEgress: boolean;
  /** What the HTTP API lets through before it answers 429, over all routes. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  /** Lanes that are executed at the same time. */
  readonly executeConcurrencyMax: number;
  /** Accounts that are reconciled at the same time. */
  readonly reconcileConcurrencyMax: number;
  /** Invocations that bring what is new of the collected series at the same time. */
  readonly collectConcurrencyMax: number;
  /** Invocations that bring what is missing of the past at the same time. */
  readonly backfillConcurrencyMax: number;
  /** How long what is recorded tick by tick is kept: trades, and what streams bring. Candles and collected funding stay. */
  readonly tickDays: number;
  /** Tasks of the stream service that share the work at all times. 0 runs none: quotes are not live, and orders are followed by asking. */
  readonly streamTasks: number;
  readonly streamTaskSize: TaskSize;
  /** How a changed configuration reaches the functions. */
  readonly configRollout: ConfigRollout;
  /** How long functions use a configuration before they ask for a newer one. A saved limit holds no later than that. */
  readonly configAgeSeconds: number;
  /**
   * Concurrency kept free for the functions that a flood elsewhere in the AWS account must not starve. Absent where the
   * account may be a new one: its quota can be 10, and nothing of it can be reserved.
   */
  readonly reservedConcurrency?: ReservedConcurrency;
}

/** One of the sizes that Fargate has: 1,024 units are a core, with 2 to 8 GB of memory; half of that with 1 to 4 GB, a quarter with 0.5 to 2. */
export interface TaskSize {
  readonly cpuUnits: keyof typeof taskMemoryMb;
  readonly memoryMb: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
export const taskMemoryMb = {
  256: [512, 1_024, 2_048],
  512: [1_024, 2_048, 3_072, 4_096],
  1024: [2_048, 3_072, 4_096, 5_120, 6_144, 7_168, 8_192],
} as const;

export interface ConfigRollout {
  /** Share of the sandboxes that is added at each step, percent; 100 is all at once. */
  readonly stepPercent: number;
  /** How long it takes until all of them have it. */
  readonly minutes: number;
  /** How long it is watched after that. A failure until its end brings the configuration from before back. */
  readonly bakeMinutes: number;
}

export interface ReservedConcurrency {
  readonly receiveSignal: number;
  readonly executeOrder: number;
  /** Limits deny where figures are too old, so a flood elsewhere must not keep them from being renewed. */
  readonly reconcileBalances: number;
  /** More than one at a time would ask the venues the same questions twice. */
  readonly trackOrders: 1;
}

/** Smallest and largest maximum that Lambda takes for an event source. */
const concurrencyMin = 2;
const concurrencyLimit = 1_000;
const concurrencySettings = [
  'executeConcurrencyMax',
  'reconcileConcurrencyMax',
  'collectConcurrencyMax',
  'backfillConcurrencyMax',
] as const;
/** Each takes its turn at one row of a table several times a second. */
const streamTasksMax = 20;
/** Whoever deploys waits for it, and an owner who lowers a limit wants it to hold. */
const rolloutMinutesMax = 60;

/**
 * Checks what the types cannot say.
 *
 * @throws Error naming the stage, the setting and the fix.
 */
export function checkSettings(settings: StageSettings): StageSettings {
  const refuse = (setting: string, fix: string): never => {
    throw new Error(`lib/config/stages.ts: ${settings.stage}.${setting}: ${fix}`);
  };
  const { throttle, executeConcurrencyMax, reconcileConcurrencyMax, configAgeSeconds, configRollout } = settings;
  const { reservedConcurrency } = settings;
  if (settings.liveTrading && settings.stage === 'local') refuse('liveTrading', 'local mode never trades live');
  if (settings.liveTrading && !settings.retainData) refuse('retainData', 'must be true where liveTrading is');
  if (!isWhole(throttle.requestsPerSecond, 1)) refuse('throttle.requestsPerSecond', 'must be a whole number above 0');
  if (!isWhole(throttle.burst, throttle.requestsPerSecond)) refuse('throttle.burst', 'must not be below the rate');
  for (const setting of concurrencySettings) {
    if (isWhole(settings[setting], concurrencyMin) && settings[setting] <= concurrencyLimit) continue;
    refuse(setting, `must be ${concurrencyMin} to ${concurrencyLimit}`);
  }
  const { stepPercent, minutes, bakeMinutes } = configRollout;
  if (!isWhole(stepPercent, 1) || stepPercent > 100) refuse('configRollout.stepPercent', 'must be 1 to 100');
  if (!isWhole(minutes, 0) || !isWhole(bakeMinutes, 0) || minutes + bakeMinutes > rolloutMinutesMax) {
    refuse('configRollout', `minutes and bakeMinutes must not be above ${rolloutMinutesMax} together`);
  }
  if (!isWhole(settings.tickDays, 1)) refuse('tickDays', 'must be a whole number above 0');
  if (!isWhole(settings.streamTasks, 0) || settings.streamTasks > streamTasksMax) {
    refuse('streamTasks', `must be 0 to ${streamTasksMax}`);
  }
  const memories: readonly number[] = taskMemoryMb[settings.streamTaskSize.cpuUnits];
  if (!memories.includes(settings.streamTaskSize.memoryMb)) {
    refuse('streamTaskSize.memoryMb', `must be one of ${memories.join(', ')}`);
  }
  if (!isWhole(configAgeSeconds, 1)) refuse('configAgeSeconds', 'must be a whole number above 0');
  if (reservedConcurrency && !isWhole(reservedConcurrency.receiveSignal, 1)) {
    refuse('reservedConcurrency.receiveSignal', 'must be a whole number above 0');
  }
  // A poller that may start more than the function may run would be throttled, and each throttle uses up a receive.
  if (reservedConcurrency && !isWhole(reservedConcurrency.executeOrder, executeConcurrencyMax)) {
    refuse('reservedConcurrency.executeOrder', `must not be below executeConcurrencyMax (${executeConcurrencyMax})`);
  }
  if (reservedConcurrency && !isWhole(reservedConcurrency.reconcileBalances, reconcileConcurrencyMax)) {
    const least = `must not be below reconcileConcurrencyMax (${reconcileConcurrencyMax})`;
    refuse('reservedConcurrency.reconcileBalances', least);
  }
  return settings;
}

const isWhole = (value: number, minimum: number): boolean => Number.isInteger(value) && value >= minimum;
