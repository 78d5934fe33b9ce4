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
import { createHandler, type SwitchRiskDependencies } from './handler.ts';

const { riskTable, journalTable, secretsPrefix } = environmentNames;
const environment = readEnvironment({ riskTable, journalTable, secretsPrefix });
const telemetry = createTelemetry('switch-risk');

let opening: Promise<SwitchRiskDependencies['cancelOpen']> | undefined;

/** Venues and all that belongs to them are a chunk of their own, which only a call that cancels loads. */
async function openCanceling(): Promise<SwitchRiskDependencies['cancelOpen']> {
  const [{ cancelOpen }, { createExecutionRuntime }] = await Promise.all([
    import('./cancel-open.ts'),
    import('../shared/execution-runtime.ts'),
  ]);
  const runtime = createExecutionRuntime(telemetry);
  return (request) => cancelOpen(request, { ...runtime, telemetry });
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
      opening ??= openCanceling();
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
