/** Rotation: a function of the desk is started four times, and decides what becomes of the pending version. */
import type { CloudClock } from '../clock.ts';
import type { PropertyReader } from '../property-reader.ts';
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import { invalidRequest } from './errors.ts';
import { readVersionId } from './input.ts';
import { readRotationRules } from './rotation-rules.ts';
import { currentStage, pendingStage, type Rotation, type Secret, type SecretVersion } from './secret.ts';
import type { SecretStore } from './store.ts';

/** Starts a function and waits for it; `failed` tells that it ended in an error. */
export type InvokeFunction = (functionArn: string, payload: string) => Promise<{ failed: boolean }>;

export interface RotationsOptions {
  readonly store: SecretStore;
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
}

export interface Rotations {
  /** From now on rotations are run by this; without it they are refused. */
  runBy(invoke: InvokeFunction): void;
  /**
   * `AWS::SecretsManager::RotationSchedule`. Where a rotation is not to start at once, AWS tries out the step that tests
   * the pending version; that costs a process here at every start of a desk, and is left out. A rotation that an earlier
   * process did not complete goes on a minute later.
   *
   * @throws Error naming the property that is wrong.
   */
  define(resource: ResolvedResource): void;
  /** `RotateSecret`. Answers at once; the rotation goes on by itself. @throws SecretsError */
  rotate(input: PropertyReader): object;
  /** `CancelRotateSecret`. @throws SecretsError */
  cancel(input: PropertyReader): object;
  /** Until no rotation is under way. */
  settled(): Promise<void>;
}

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
/**
 * "If any rotation step fails, Secrets Manager retries the entire rotation process multiple times" (user guide, "Rotation
 * by Lambda function"). How soon is not told; a person looks at it sooner here.
 */
const retryAfterMs = 86_400_000;
/** After the start of a desk, which is not ready before the last of its resources is defined. */
const resumeAfterMs = 60_000;

export function createRotations({ store, clock, log }: RotationsOptions): Rotations {
  let invoke: InvokeFunction | undefined;
  /** With the ARN of the secret that each is for. */
  const underWay = new Map<Promise<void>, string>();
  const timers = new Map<string, () => void>();

  const change = (arn: string, changed: Partial<Rotation>): void => {
    const secret = store.find(arn);
    if (secret.rotation) store.save({ ...secret, rotation: { ...secret.rotation, ...changed } });
  };

  /** Timers are bounded, so one that ends early is set again. */
  function schedule(arn: string): void {
    timers.get(arn)?.();
    const { rotation } = store.find(arn);
    timers.delete(arn);
    if (!rotation?.enabled) return;
    const dueInMs = rotation.nextMs - clock.nowMs();
    timers.set(
      arn,
      clock.after(dueInMs, () => fire(arn)),
    );
  }

  function fire(arn: string): void {
    if (!store.all().some((secret) => secret.arn === arn && secret.deletion === undefined)) return;
    // It sets the next time when it ends.
    if ([...underWay.values()].includes(arn)) return;
    const { rotation } = store.find(arn);
    if (!rotation?.enabled || rotation.nextMs > clock.nowMs()) {
      schedule(arn);
      return;
    }
    try {
      startOrResume(store.findUsable(arn));
    } catch (error) {
      log(`secretsmanager: ${store.find(arn).name} is not rotated: ${messageOf(error)}`);
      change(arn, { nextMs: clock.nowMs() + retryAfterMs });
      schedule(arn);
    }
  }

  /** One that failed, or that ended with the process, is repeated with the version that it was for, as AWS does. */
  function startOrResume(secret: Secret): void {
    const incomplete = incompleteOf(secret);
    if (incomplete === undefined) {
      start(secret, crypto.randomUUID());
    } else {
      log(`secretsmanager: the rotation of ${secret.name} that was not completed is tried again`);
      begin(secret, incomplete.id);
    }
  }

  /** Makes the pending version, without a value, and lets the function do the rest. */
  function start(secret: Secret, id: string): void {
    if (incompleteOf(secret) !== undefined) {
      throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
    }
    const versions = secret.versions.map((version) => ({
      ...version,
      stages: version.stages.filter((stage) => stage !== pendingStage),
    }));
    store.save({ ...secret, versions: [...versions, { id, stages: [pendingStage], createdMs: clock.nowMs() }] });
    begin(secret, id);
  }

  function begin({ arn, name }: Secret, id: string): void {
    const running = run(arn, id)
      .catch((error: unknown) => log(`secretsmanager: the rotation of ${name} came to no end: ${messageOf(error)}`))
      .finally(() => underWay.delete(running));
    underWay.set(running, arn);
  }

  /** @throws SecretsError when the secret was deleted meanwhile */
  async function run(arn: string, id: string): Promise<void> {
    const { name, rotation } = store.find(arn);
    const functionArn = rotation?.functionArn ?? '';
    for (const Step of steps) {
      const payload = JSON.stringify({ Step, SecretId: arn, ClientRequestToken: id });
      const result = await invoke?.(functionArn, payload).catch((error: unknown) => {
        log(`secretsmanager: ${functionArn} could not be started: ${String(error)}`);
        return undefined;
      });
      if (result === undefined || result.failed) {
        log(`secretsmanager: the rotation of ${name} failed at ${Step}`);
        change(arn, { nextMs: clock.nowMs() + retryAfterMs });
        schedule(arn);
        return;
      }
    }
    const nowMs = clock.nowMs();
    change(arn, { lastMs: nowMs, nextMs: nowMs + (rotation?.everyMs ?? 0) });
    schedule(arn);
  }

  function resumeSoon({ arn, rotation }: Secret): void {
    const soonMs = clock.nowMs() + resumeAfterMs;
    change(arn, { nextMs: Math.min(rotation?.nextMs ?? soonMs, soonMs) });
    schedule(arn);
  }

  function configure(secret: Secret, given: Pick<Rotation, 'functionArn' | 'everyMs' | 'rules'>): Secret {
    const known = secret.rotation;
    const unchanged = known?.enabled && known.everyMs === given.everyMs;
    const nextMs = unchanged ? known.nextMs : clock.nowMs() + given.everyMs;
    const configured = { ...secret, rotation: { ...known, ...given, enabled: true, nextMs } };
    store.save(configured);
    schedule(secret.arn);
    return configured;
  }

  return {
    runBy(invokeFunction) {
      invoke = invokeFunction;
    },
    define(resource) {
      const properties = readProperties(resource);
      const secret = store.findUsable(properties.text('SecretId'));
      const functionArn = properties.text('RotationLambdaARN');
      const rules = properties.optionalChild('RotationRules');
      if (rules === undefined) throw new Error(`${resource.type} ${resource.logicalId}: RotationRules is missing`);
      const rotating = configure(secret, { functionArn, ...readRotationRules(rules) });
      const immediately = properties.optionalBoolean('RotateImmediatelyOnUpdate') ?? true;
      if (incompleteOf(rotating) !== undefined) resumeSoon(rotating);
      else if (immediately && secret.rotation === undefined) start(rotating, crypto.randomUUID());
    },
    rotate(input) {
      const secret = store.findUsable(input.text('SecretId'));
      const functionArn = input.optionalText('RotationLambdaARN') ?? secret.rotation?.functionArn;
      if (functionArn === undefined) {
        throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
      }
      const rules = input.optionalChild('RotationRules');
      const timing = rules ? readRotationRules(rules) : secret.rotation;
      if (timing === undefined) throw invalidRequest('RotationRules must be specified the first time.');
      const { everyMs, rules: kept } = timing;
      const rotating = configure(secret, { functionArn, everyMs, rules: kept });
      const id = readVersionId(input);
      if (input.optionalBoolean('RotateImmediately') ?? true) start(rotating, id);
      return { ARN: secret.arn, Name: secret.name, VersionId: id };
    },
    cancel(input) {
      const secret = store.findUsable(input.text('SecretId'));
      change(secret.arn, { enabled: false });
      schedule(secret.arn);
      return { ARN: secret.arn, Name: secret.name };
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.keys());
    },
  };
}

/** The version of a rotation that has not come to its end. */
function incompleteOf({ versions }: Secret): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(pendingStage) && !stages.includes(currentStage));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
