/** Where a message goes that was received too often, and which queues may send such messages here. */
import { invalidParameter, invalidValue } from './errors.ts';

export interface RedrivePolicy {
  targetArn: string;
  /** A message received this often is moved instead of being received once more. */
  receivesMax: number;
}

export interface RedriveAllowPolicy {
  permission: 'allowAll' | 'denyAll' | 'byQueue';
  sourceArns: readonly string[];
}

const receivesLimit = 1000;
const sourceArnsMax = 10;

function parseObject(text: string, parameter: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidValue(text, parameter, 'Redrive policy is not a valid JSON map.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidValue(text, parameter, 'Redrive policy is not a valid JSON map.');
  }
  return value as Record<string, unknown>;
}

/** @throws SqsError InvalidParameterValue naming the part that is missing or out of range */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  const policy = parseObject(text, 'RedrivePolicy');
  const { deadLetterTargetArn: targetArn, maxReceiveCount } = policy;
  if (typeof targetArn !== 'string' || targetArn === '') {
    throw invalidValue(
      text,
      'RedrivePolicy',
      'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.',
    );
  }
  if (maxReceiveCount === undefined) {
    throw invalidValue(text, 'RedrivePolicy', 'Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  }
  const receivesMax = Number(maxReceiveCount);
  if (!Number.isInteger(receivesMax) || receivesMax < 1 || receivesMax > receivesLimit) {
    const reason = `Invalid value for maxReceiveCount: ${String(maxReceiveCount)}, valid values are from 1 to ${receivesLimit} both inclusive.`;
    throw invalidValue(text, 'RedrivePolicy', reason);
  }
  return { targetArn, receivesMax };
}

/** @throws SqsError InvalidParameterValue when permission and source queues do not fit together */
export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const { redrivePermission: permission = 'allowAll', sourceQueueArns: sourceArns = [] } = parseObject(
    text,
    'RedriveAllowPolicy',
  );
  if (permission !== 'allowAll' && permission !== 'denyAll' && permission !== 'byQueue') {
    throw invalidValue(text, 'RedriveAllowPolicy', 'redrivePermission must be allowAll, denyAll or byQueue.');
  }
  if (!Array.isArray(sourceArns) || !sourceArns.every((arn) => typeof arn === 'string')) {
    throw invalidValue(text, 'RedriveAllowPolicy', 'sourceQueueArns must be a list of queue ARNs.');
  }
  if ((permission === 'byQueue') !== sourceArns.length > 0 || sourceArns.length > sourceArnsMax) {
    const reason = `sourceQueueArns must have 1 to ${sourceArnsMax} entries with byQueue, and none otherwise.`;
    throw invalidValue(text, 'RedriveAllowPolicy', reason);
  }
  return { permission, sourceArns };
}

interface RedriveEnd {
  arn: string;
  fifo: boolean;
}

/** @throws SqsError InvalidParameterValue unless `source` may use `target` as its dead-letter queue */
export function checkRedriveTarget(
  source: RedriveEnd,
  policyText: string,
  target: (RedriveEnd & { allowPolicy: string | undefined }) | undefined,
): void {
  if (target === undefined) {
    throw invalidValue(policyText, 'RedrivePolicy', 'Dead letter target does not exist.');
  }
  if (target.fifo !== source.fifo) {
    throw invalidValue(policyText, 'RedrivePolicy', 'Dead-letter queue must be same type of queue as the source.');
  }
  if (target.allowPolicy === undefined) return;
  const { permission, sourceArns } = parseRedriveAllowPolicy(target.allowPolicy);
  if (permission === 'denyAll' || (permission === 'byQueue' && !sourceArns.includes(source.arn))) {
    throw invalidParameter(
      `Value ${policyText} for parameter RedrivePolicy is invalid. Reason: The RedriveAllowPolicy of ${target.arn} does not permit ${source.arn} to use it as a dead-letter queue.`,
    );
  }
}
