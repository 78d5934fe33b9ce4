/** From a resolved `AWS::Scheduler::Schedule` to what the scheduler runs. */
import type { PropertyReader } from '../property-reader.ts';
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import { parseScheduleExpression, type Timing } from './next-fire.ts';
import { wallTimeAt } from './time-zone.ts';

export interface Schedule {
  readonly name: string;
  readonly arn: string;
  readonly isEnabled: boolean;
  /** The expression as written, by which a changed schedule is recognised after a restart. */
  readonly expressionText: string;
  readonly timing: Omit<Timing, 'createdMs'>;
  readonly target: ScheduleTarget;
}

export interface ScheduleTarget {
  /** Always a Lambda function. */
  readonly arn: string;
  /** Payload with AWS's context attributes still in it; `undefined` asks for the default event. */
  readonly input: string | undefined;
  readonly retriesMax: number;
  readonly eventAgeMsMax: number;
  readonly deadLetterArn: string | undefined;
}

/** AWS's defaults, which are also its maxima: 185 retries within 24 hours. */
const retriesMaxDefault = 185;
const eventAgeSecondsDefault = 86_400;

/** @throws Error naming the schedule and the property that is wrong or not emulated. */
export function readSchedule(resource: ResolvedResource): Schedule {
  const properties = readProperties(resource);
  const name = properties.optionalText('Name') ?? resource.physicalId;
  const group = properties.optionalText('GroupName') ?? 'default';
  const target = readTarget(resource, properties.optionalChild('Target'));
  const [region, accountId] = target.arn.split(':').slice(3, 5);
  return {
    name,
    arn: `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${name}`,
    isEnabled: (properties.optionalText('State') ?? 'ENABLED') === 'ENABLED',
    expressionText: properties.text('ScheduleExpression'),
    timing: readTiming(resource, properties),
    target,
  };
}

function readTiming(resource: ResolvedResource, properties: PropertyReader): Omit<Timing, 'createdMs'> {
  const timeZone = properties.optionalText('ScheduleExpressionTimezone') ?? 'UTC';
  const expression = properties.text('ScheduleExpression');
  try {
    wallTimeAt(0, timeZone);
    return {
      expression: parseScheduleExpression(expression),
      timeZone,
      startMs: readDate(properties, 'StartDate'),
      endMs: readDate(properties, 'EndDate'),
    };
  } catch (error) {
    throw new Error(`${resource.type} ${resource.logicalId}: ${error instanceof Error ? error.message : error}`);
  }
}

function readDate(properties: PropertyReader, name: string): number | undefined {
  const text = properties.optionalText(name);
  if (text === undefined) return undefined;
  const dateMs = Date.parse(text);
  if (Number.isNaN(dateMs)) throw new Error(`property ${name} must be a date and time in UTC, got "${text}"`);
  return dateMs;
}

function readTarget(resource: ResolvedResource, properties: PropertyReader | undefined): ScheduleTarget {
  if (properties === undefined) throw new Error(`${resource.logicalId}: property Target is missing`);
  const arn = properties.text('Arn');
  if (!/^arn:aws:lambda:[^:]+:\d+:function:/.test(arn)) {
    throw new Error(
      `${resource.logicalId}: Target.Arn must be a Lambda function, other targets are not emulated: ${arn}`,
    );
  }
  const retries = properties.optionalChild('RetryPolicy');
  return {
    arn,
    input: properties.optionalText('Input'),
    retriesMax: retries?.optionalNumber('MaximumRetryAttempts') ?? retriesMaxDefault,
    eventAgeMsMax: (retries?.optionalNumber('MaximumEventAgeInSeconds') ?? eventAgeSecondsDefault) * 1000,
    deadLetterArn: properties.optionalChild('DeadLetterConfig')?.optionalText('Arn'),
  };
}
