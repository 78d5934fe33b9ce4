/** What is where in the state folder. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockFiles } from './lock.ts';

export interface StatePaths {
  dynamoDb: string;
  sqs: string;
  /** Messages that were published to topics. */
  sns: string;
  s3: string;
  secrets: string;
  appConfig: string;
  scheduler: string;
  /** Holds `logs/`, one file per function. */
  lambda: string;
  /** Holds `logs/`, one file per task of a service. */
  ecs: string;
  simulators: string;
  /** Names given to resources that the template leaves unnamed. */
  names: string;
  /** Keys of accounts at simulated venues. */
  tradingKeys: string;
  /** Which one-time steps are done. */
  progress: string;
  /** Addresses and tokens of the running cloud; only there while it runs. */
  ready: string;
}

export function statePaths(directory: string): StatePaths {
  return {
    dynamoDb: join(directory, 'dynamodb'),
    sqs: join(directory, 'sqs'),
    sns: join(directory, 'sns'),
    s3: join(directory, 's3'),
    secrets: join(directory, 'secrets-manager'),
    appConfig: join(directory, 'app-config'),
    scheduler: join(directory, 'scheduler'),
    lambda: join(directory, 'lambda'),
    ecs: join(directory, 'ecs'),
    simulators: join(directory, 'simulators'),
    names: join(directory, 'names.json'),
    tradingKeys: join(directory, 'trading-keys.json'),
    progress: join(directory, 'progress.json'),
    ready: join(directory, 'ready.json'),
  };
}

/** Deletes everything but the lock, which its holder keeps. */
export function wipeState(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!lockFiles.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
