/** The tables of the desk on this machine, whether it is running or not. */
import { existsSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../cloud/clock.ts';
import { createDynamoDb } from '../cloud/dynamodb/index.ts';
import { createAwsEndpoint } from '../cloud/endpoint.ts';
import { readStateFile } from '../cloud/state-file.ts';
import { lockState } from '../supervisor/lock.ts';
import { statePaths } from '../supervisor/state-directory.ts';
import { AuditError } from './desk-tables.ts';

export interface OpenTables {
  client: DynamoDBClient;
  close(): Promise<void>;
}

/** A client for the emulated DynamoDB at `endpoint`: it needs no real account and never asks for one. */
export function createLocalClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
}

/** @throws AuditError when there is no state, or when another process has it and is not ready */
export async function openLocalTables(stateDirectory: string): Promise<OpenTables> {
  const paths = statePaths(stateDirectory);
  const running = readStateFile(paths.ready) as { aws?: string } | undefined;
  if (running?.aws !== undefined && (await answers(running.aws))) {
    const client = createLocalClient(running.aws);
    return { client, close: async () => client.destroy() };
  }
  if (!existsSync(paths.dynamoDb)) throw new AuditError(`${stateDirectory} holds no desk: start one with npm start`);
  const unlock = lockState(stateDirectory);
  const services = [createDynamoDb({ directory: paths.dynamoDb, clock: systemClock })];
  const endpoint = await createAwsEndpoint({ services, log: () => undefined });
  const client = createLocalClient(endpoint.url);
  const close = async () => {
    client.destroy();
    await endpoint.close();
    unlock();
  };
  return { client, close };
}

/** A desk that was killed leaves its addresses behind. */
async function answers(origin: string): Promise<boolean> {
  try {
    await fetch(origin, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}
