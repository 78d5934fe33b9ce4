/** What the infrastructure tells the service, beside AWS's own variables. */
import { readEnvironment } from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';

export type StreamEnvironment = ReturnType<typeof readStreamEnvironment>;

/**
 * Beside these, the stage and the configuration's four names are read where they are used. On ECS credentials come from the task's own
 * address, so the bundle must have the SDK's whole chain of providers, unlike those of functions.
 *
 * @throws EnvironmentError naming every variable that is missing
 */
export function readStreamEnvironment() {
  const { marketsTable, candlesTable, coordinationTable, quotesTable } = environmentNames;
  const { orderNewsQueueUrl, archiveBucket, secretsPrefix, venuesDirectory, egressName } = environmentNames;
  return readEnvironment({
    ...{ marketsTable, candlesTable, coordinationTable, quotesTable },
    ...{ orderNewsQueueUrl, archiveBucket, secretsPrefix, venuesDirectory, egressName },
  });
}
