/** What a function's role allows, in words short enough to be compared with a table. */
import type { Template } from 'aws-cdk-lib/assertions';
import { pascalCase } from './names.ts';

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** How resources are told apart in a template: by what their reference says. First match counts. */
const labels: readonly (readonly [RegExp, string])[] = [
  [
    /(Orders|Positions|Paper|Books|Journal|Signals|Risk|Markets|Coordination|Candles|Quotes)Table.*\/index\/([a-z-]+)/,
    'table $1 index $2',
  ],
  [/(Orders|Positions|Paper|Books|Journal|Signals|Risk|Markets|Coordination|Candles|Quotes)Table/, 'table $1'],
  [/SignalsQueue/, 'queue'],
  [/ReconciliationAccountsQueue/, 'queue of reconciliations'],
  [/OrderNewsQueue/, 'queue of order news'],
  [/(CandleJobs|BackfillJobs)Queue/, 'queue of candles $1'],
  [/ArchiveBucket.*\/((?:live-)?(?:books|candles|funding|liquidations|trades|incoming))\/\*/, 'archive $1/'],
  [/ArchiveBucket/, 'archive'],
  [/NoticesMessages(Queue|LostChanges)/, 'notices $1'],
  [/NoticesTopic/, 'topic of notices'],
  [/NoticesChannels(phone|hook)/, 'secret of channel $1'],
  [
    /(TradingSecrets|Tokens|Sources)(main|second|viewer|trader|risk|admin|alertstoken|scriptstoken|scriptssigning)/,
    'secret $1 $2',
  ],
  [/DataKey/, 'key'],
  [/:appconfig:.*\/environment\/.*\/configuration\//, 'configuration'],
  [/"([A-Za-z]+)Logs[0-9A-F]{8}"/, 'log of $1'],
  [/:[A-Za-z]*GetAtt(CancelOrders)Function[0-9A-F]{8}Arn/, 'function $1'],
  [/^"\*"$/, 'everything'],
];

function labelOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  for (const [pattern, label] of labels) {
    const match = pattern.exec(text);
    if (match) return label.replace(/\$(\d)/g, (_whole, group) => match[Number(group)] ?? '');
  }
  throw new Error(`no label for the resource ${text}`);
}

const asList = <Item>(value: Item | Item[]): Item[] => (Array.isArray(value) ? value : [value]);

/** The statements of the role that a function or a service runs with, wherever they were attached. */
export function statementsOf(template: Template, functionName: string): Statement[] {
  const id = pascalCase(functionName);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
    // A construct that holds several functions stands before their names.
    new RegExp(`^([A-Z][a-z]+)?${id}Role[0-9A-F]{8}$`).test(policy.Properties.Roles[0].Ref),
  );
  return policies.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as Statement[]);
}

/** Label of each resource → what may be done to it, sorted. */
export function permissionsOf(template: Template, functionName: string): Record<string, string[]> {
  const permissions: Record<string, Set<string>> = {};
  for (const { Effect, Action, Resource } of statementsOf(template, functionName)) {
    if (Effect !== 'Allow') throw new Error(`${functionName}: a statement that denies is not expected`);
    for (const label of asList(Resource).map(labelOf)) {
      permissions[label] ??= new Set();
      for (const action of asList(Action)) permissions[label].add(action);
    }
  }
  return Object.fromEntries(Object.entries(permissions).map(([label, actions]) => [label, [...actions].sort()]));
}
