import type { DeskConfig } from '@nightdesk/core';
import { type App, Tags } from 'aws-cdk-lib';
import type { Artifacts } from './bundling/artifacts.ts';
import type { StageSettings } from './config/stage-settings.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { CollectionStack } from './stacks/collection-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { OpsStack } from './stacks/ops-stack.ts';
import { StreamStack } from './stacks/stream-stack.ts';
import { TradingStack } from './stacks/trading-stack.ts';

export interface DeskInputs {
  readonly settings: StageSettings;
  readonly config: DeskConfig;
  readonly artifacts: Artifacts;
}

export interface Desk {
  readonly data: DataStack;
  readonly trading: TradingStack;
  readonly collection: CollectionStack;
  readonly stream: StreamStack;
  readonly api: ApiStack;
  readonly ops: OpsStack;
}

/**
 * The stacks of one stage. They depend on each other in this order only, so each can be deployed while those after it
 * stand still. Without an account or region of their own: the template is the same wherever it is deployed to.
 */
export function createDesk(app: App, inputs: DeskInputs): Desk {
  const { settings } = inputs;
  const props = (name: string, description: string) => ({
    ...inputs,
    stackName: `nightdesk-${settings.stage}-${name}`,
    description: `Nightdesk ${settings.stage}: ${description}`,
    terminationProtection: settings.retainData,
  });
  const data = new DataStack(app, 'Data', props('data', 'key and tables'));
  const trading = new TradingStack(app, 'Trading', { ...props('trading', 'from the queue to the venues'), data });
  const collection = new CollectionStack(app, 'Collection', {
    ...props('collection', 'candles, trades and funding'),
    ...{ data, trading },
  });
  const stream = new StreamStack(app, 'Stream', {
    ...props('stream', 'what venues tell by themselves'),
    data,
    trading,
  });
  const api = new ApiStack(app, 'Api', { ...props('api', 'what the world can reach'), data, trading });
  const ops = new OpsStack(app, 'Ops', {
    ...props('ops', 'alarms and dashboard'),
    ...{ data, trading, collection, stream, api },
  });
  Tags.of(app).add('nightdesk:stage', settings.stage);
  return { data, trading, collection, stream, api, ops };
}
