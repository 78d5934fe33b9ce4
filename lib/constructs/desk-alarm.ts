import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { StageSettings } from '../config/stage-settings.ts';
import { resourceName } from './names.ts';

/** `critical`: orders may be lost or in doubt, look now. `warning`: look today. */
export type Severity = 'critical' | 'warning';

export interface DeskAlarmProps
  extends Pick<AlarmProps, 'metric' | 'threshold' | 'evaluationPeriods' | 'comparisonOperator' | 'treatMissingData'> {
  readonly settings: StageSettings;
  /** Also the heading in docs/runbook.md. */
  readonly name: string;
  readonly severity: Severity;
  /** What is wrong when it rings, in one sentence. */
  readonly meaning: string;
  readonly action: IAlarmAction;
}

/** An alarm that says how urgent it is and where it is written what to do. */
export class DeskAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: DeskAlarmProps) {
    super(scope, id);
    const { settings, name, severity, meaning, action, ...rest } = props;
    this.alarm = new Alarm(this, 'Alarm', {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No data is no traffic: a desk that sleeps is well.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...rest,
      alarmName: resourceName(settings, name),
      alarmDescription: `[${severity}] ${meaning} See docs/runbook.md#${name}`,
    });
    this.alarm.addAlarmAction(action);
    this.alarm.addOkAction(action);
  }
}
