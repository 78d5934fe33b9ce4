import { type ConfigRollout, checkSettings, type StageName, type StageSettings, stageNames } from './stage-settings.ts';

const atOnce: ConfigRollout = { stepPercent: 100, minutes: 0, bakeMinutes: 0 };

/** Live trading is off everywhere: turning it on is a change an owner makes here, on purpose, after docs/deploy.md. */
const stages: Readonly<Record<StageName, StageSettings>> = {
  /** The embedded cloud. Nothing outlives `npm start -- --fresh`, and two cores carry every sandbox. */
  local: {
    stage: 'local',
    liveTrading: false,
    retainData: false,
    logRetentionDays: 7,
    tracing: false,
    fixedEgress: false,
    throttle: { requestsPerSecond: 1_000, burst: 2_000 },
    // Few sandboxes with many lanes each: two cores share the work no better among more processes.
    executeConcurrencyMax: 2,
    reconcileConcurrencyMax: 2,
    collectConcurrencyMax: 2,
    backfillConcurrencyMax: 2,
    // What was saved should show at once, and asking costs nothing here.
    configAgeSeconds: 1,
    tickDays: 90,
    streamTasks: 1,
    streamTaskSize: { cpuUnits: 256, memoryMb: 512 },
    configRollout: atOnce,
    // A burst waits for the sandboxes there are; nobody on this machine resends what is refused.
    reservedConcurrency: { receiveSignal: 300, executeOrder: 2, reconcileBalances: 2, trackOrders: 1 },
  },
  /** A desk to try things on. Fits an AWS account of yesterday, whose concurrency quota may be 10. */
  dev: {
    stage: 'dev',
    liveTrading: false,
    // Also here: an order history that was worth looking at once should not go with an experiment.
    retainData: true,
    logRetentionDays: 30,
    tracing: false,
    fixedEgress: false,
    // TradingView stops an alert after 15 triggers in 3 minutes, so this is room for hundreds of alerts at once.
    throttle: { requestsPerSecond: 50, burst: 100 },
    executeConcurrencyMax: 4,
    reconcileConcurrencyMax: 2,
    collectConcurrencyMax: 2,
    backfillConcurrencyMax: 2,
    configAgeSeconds: 30,
    tickDays: 90,
    streamTasks: 1,
    streamTaskSize: { cpuUnits: 256, memoryMb: 512 },
    configRollout: atOnce,
  },
  /** Needs a concurrency quota of 1,000, which docs/deploy.md tells how to check. */
  prod: {
    stage: 'prod',
    liveTrading: false,
    retainData: true,
    logRetentionDays: 365,
    tracing: true,
    fixedEgress: false,
    throttle: { requestsPerSecond: 200, burst: 400 },
    executeConcurrencyMax: 50,
    // A look takes seconds, so these do hundreds of accounts in a minute.
    reconcileConcurrencyMax: 20,
    // A batch of lanes takes seconds, so these do thousands of series in a minute.
    collectConcurrencyMax: 20,
    // Venues' request limits are what bounds a backfill; more at once would only wait for each other.
    backfillConcurrencyMax: 5,
    configAgeSeconds: 30,
    tickDays: 90,
    // A second one costs as much again, and has the work of one that is killed taken over within seconds instead of a minute.
    streamTasks: 1,
    streamTaskSize: { cpuUnits: 512, memoryMb: 1_024 },
    // Half of the sandboxes at once and all of them five minutes later; then it is watched for as long again.
    configRollout: { stepPercent: 50, minutes: 5, bakeMinutes: 5 },
    reservedConcurrency: { receiveSignal: 50, executeOrder: 50, reconcileBalances: 20, trackOrders: 1 },
  },
};

const isStageName = (text: string): text is StageName => stageNames.some((name) => name === text);

/**
 * The settings of a stage, checked.
 *
 * @throws Error when there is no such stage or its settings contradict each other.
 */
export function settingsOf(stage: string): StageSettings {
  if (!isStageName(stage)) throw new Error(`stage "${stage}" does not exist: use one of ${stageNames.join(', ')}`);
  return checkSettings(stages[stage]);
}
