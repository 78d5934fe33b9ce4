import { metricNames, validatorSchema } from '@nightdesk/core';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

const [dev, prod] = [synthesizeDesk('dev').templates.trading, synthesizeDesk('prod').templates.trading];

function only(template: Template, type: string) {
  const [found, ...others] = Object.entries(template.findResources(type));
  if (found === undefined || others.length > 0) throw new Error(`expected one ${type}, found ${others.length + 1}`);
  const [logicalId, { Properties }] = found;
  return { logicalId, properties: Properties as Record<string, unknown> };
}

describe('the configuration in AppConfig', () => {
  it('is checked by the whole schema before it is let out', () => {
    const { Validators } = only(prod, 'AWS::AppConfig::ConfigurationProfile').properties;
    expect(Validators).toEqual([{ Type: 'JSON_SCHEMA', Content: JSON.stringify(validatorSchema()) }]);
  });

  it('takes effect at once in dev, where nothing has to be watched', () => {
    const strategy = { GrowthFactor: 100, DeploymentDurationInMinutes: 0, FinalBakeTimeInMinutes: 0 };
    expect(only(dev, 'AWS::AppConfig::DeploymentStrategy').properties).toMatchObject(strategy);
    expect(only(dev, 'AWS::AppConfig::Environment').properties).not.toHaveProperty('Monitors');
    expect(dev.findResources('AWS::CloudWatch::Alarm')).toEqual({});
  });

  it('reaches the sandboxes of prod in steps, and is taken back when signals or orders fail meanwhile', () => {
    const strategy = { GrowthFactor: 50, DeploymentDurationInMinutes: 5, FinalBakeTimeInMinutes: 5 };
    expect(only(prod, 'AWS::AppConfig::DeploymentStrategy').properties).toMatchObject(strategy);
    const alarm = only(prod, 'AWS::CloudWatch::Alarm');
    const { Monitors } = only(prod, 'AWS::AppConfig::Environment').properties;
    expect(Monitors).toMatchObject([{ AlarmArn: { 'Fn::GetAtt': [alarm.logicalId, 'Arn'] } }]);
    const watched = JSON.stringify(alarm.properties.Metrics);
    for (const text of ['execute-order', metricNames.deliveriesFailed, 'receive-signal', metricNames.requestsFailed]) {
      expect(watched).toContain(`"${text}"`);
    }
    expect(alarm.properties).toMatchObject({ Threshold: 1, TreatMissingData: 'notBreaching' });
  });
});
