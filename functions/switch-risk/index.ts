import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createRiskRepository,
  createTelemetry,
  httpFunction,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { CallCancel } from './call-cancel.ts';
import { createHandler } from './handler.ts';

const { riskTable, journalTable, secretsPrefix, cancelOrdersFunction } = environmentNames;
const environment = readEnvironment({ riskTable, journalTable, secretsPrefix, cancelOrdersFunction });
const telemetry = createTelemetry('switch-risk');

let opening: Promise<CallCancel> | undefined;

/** The client of Lambda is a chunk of its own, which only a call that cancels loads. */
async function openCall(): Promise<CallCancel> {
  const [{ createFunctionCaller }, { createCancelCall }] = await Promise.all([
    import('@nightdesk/aws/call-function.ts'),
    import('./call-cancel.ts'),
  ]);
  return createCancelCall(createFunctionCaller(environment.cancelOrdersFunction), systemClock);
}

export const handler = httpFunction(
  createHandler({
    loadConfig: createDeskConfigProvider(),
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    risk: createRiskRepository(createDynamoDbClient(), {
      risk: environment.riskTable,
      journal: environment.journalTable,
    }),
    async cancelOpen(request) {
      opening ??= openCall();
      // One that could not be opened is not kept: the next call tries again.
      opening.catch(() => {
        opening = undefined;
      });
      return (await opening)(request);
    },
    clock: systemClock,
    telemetry,
  }),
  telemetry,
);
