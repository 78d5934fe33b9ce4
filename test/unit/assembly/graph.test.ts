// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of CloudFormation's Fn::Sub, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { AssemblyError } from '../../../local/assembly/errors.ts';
import { buildGraph } from '../../../local/assembly/graph.ts';
import { createPhysicalNames } from '../../../local/assembly/physical-names.ts';
import { type AssemblyResource, resolveGraph } from '../../../local/assembly/resolve-graph.ts';
import type { StackTemplate, Template } from '../../../local/assembly/template.ts';

const addresses = { aws: 'http://127.0.0.1:4101' };

function resolve(...templates: StackTemplate[]): AssemblyResource[] {
  return resolveGraph(buildGraph(templates), { directory: '/out', names: createPhysicalNames(), addresses });
}

const stack = (name: string, template: Template): StackTemplate => ({ name, template });
const table = (properties = {}) => ({ Type: 'AWS::DynamoDB::Table', Properties: properties });

describe('the resource graph', () => {
  it('puts every resource after what it refers to, across stacks', () => {
    const consumer = stack('api', {
      Resources: {
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: { Environment: { Variables: { T: { 'Fn::ImportValue': 'data:T' } } } },
        },
        Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { FunctionName: { Ref: 'Function' } } },
      },
    });
    const producer = stack('data', {
      Resources: { Table: { ...table(), DependsOn: 'Queue' }, Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { T: { Value: { Ref: 'Table' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:T' } } } },
    });
    expect(resolve(consumer, producer).map((resource) => resource.logicalId)).toEqual([
      'Queue',
      'Table',
      'Function',
      'Mapping',
    ]);
  });

  it('leaves out resources whose condition is false, and what only they need', () => {
    const template: Template = {
      Conditions: { Never: { 'Fn::Equals': ['a', { Ref: 'Stage' }] }, Always: { 'Fn::Not': [{ Condition: 'Never' }] } },
      Parameters: { Stage: { Type: 'String', Default: 'local' } },
      Resources: {
        Left: { Type: 'AWS::EC2::Instance', Condition: 'Never' },
        Kept: { ...table({ Tags: { 'Fn::If': ['Never', { Ref: 'Left' }, [{ Ref: 'Stage' }]] } }), Condition: 'Always' },
      },
    };
    const [kept, ...others] = resolve(stack('data', template));
    expect(others).toEqual([]);
    expect(kept?.properties.Tags).toEqual(['local']);
  });

  const refused: [what: string, template: Template, problem: string][] = [
    [
      'a reference to nothing',
      { Resources: { T: table({ Tags: [{ Ref: 'Nowhere' }] }) } },
      'data/T (AWS::DynamoDB::Table): the reference to Nowhere leads nowhere',
    ],
    [
      'a reference to nothing in a resource without effect',
      { Resources: { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: { Ref: 'Nowhere' } } } } },
      'data/R (AWS::IAM::Role): the reference to Nowhere leads nowhere',
    ],
    [
      'an attribute that is not known',
      {
        Resources: {
          T: table(),
          Q: { Type: 'AWS::SQS::Queue', Properties: { Tags: { 'Fn::GetAtt': ['T', 'StreamLabel'] } } },
        },
      },
      'data/Q (AWS::SQS::Queue): the attribute StreamLabel of AWS::DynamoDB::Table (T) is not known locally',
    ],
    [
      'a type that is not supported',
      { Resources: { V: { Type: 'AWS::EC2::Instance' } } },
      'data/V (AWS::EC2::Instance): this type is neither emulated nor known to have no effect locally',
    ],
    [
      'a type named like a property of every object',
      { Resources: { V: { Type: 'constructor' } } },
      'data/V (constructor): this type is neither emulated',
    ],
    [
      'an intrinsic function that is not supported',
      { Resources: { T: table({ Tags: { 'Fn::Cidr': ['10.0.0.0/8', 2, 8] } }) } },
      'data/T (AWS::DynamoDB::Table): the intrinsic function Fn::Cidr is not supported locally',
    ],
    [
      'a parameter that only the Parameter Store knows',
      {
        Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a' } },
        Resources: { T: table({ TableName: { Ref: 'P' } }) },
      },
      'the reference to P leads nowhere',
    ],
    [
      'a pseudo-parameter that means nothing here',
      { Resources: { T: table({ Tags: { Ref: 'AWS::NotificationARNs' } }) } },
      'the pseudo-parameter AWS::NotificationARNs is not supported locally',
    ],
    [
      'an import that nothing exports',
      { Resources: { T: table({ Tags: { 'Fn::ImportValue': 'gone' } }) } },
      'data/T (AWS::DynamoDB::Table): no stack exports gone',
    ],
    ['a dependency on nothing', { Resources: { T: { ...table(), DependsOn: ['Gone'] } } }, 'DependsOn names Gone'],
    ['an unknown condition', { Resources: { T: { ...table(), Condition: 'Maybe' } } }, 'there is no condition Maybe'],
    [
      'a condition in a circle',
      { Resources: {}, Conditions: { A: { Condition: 'B' }, B: { 'Fn::Not': [{ Condition: 'A' }] } } },
      'depends on itself',
    ],
    [
      'resources in a circle',
      {
        Resources: {
          A: table({ Tags: { Ref: 'B' } }),
          B: table({ Tags: { 'Fn::Sub': '${C.Arn}' } }),
          C: { ...table(), DependsOn: 'A' },
        },
      },
      'depends on itself: A → B → C → A',
    ],
    [
      'the host of a real AWS service',
      { Resources: { T: table({ Tags: { a: ['https://sqs.us-east-1.amazonaws.com/1/q'] } }) } },
      'data/T (AWS::DynamoDB::Table): Tags.a.0 holds sqs.us-east-1.amazonaws.com, a host of the real AWS',
    ],
  ];

  it.each(refused)('refuses %s', (_what, template, problem) => {
    const attempt = () => resolve(stack('data', template));
    expect(attempt).toThrow(AssemblyError);
    expect(attempt).toThrow(problem);
  });

  it('refuses two stacks that export the same name', () => {
    const template: Template = { Resources: {}, Outputs: { O: { Value: 'x', Export: { Name: 'same' } } } };
    expect(() => buildGraph([stack('a', template), stack('b', template)])).toThrow(
      'b/O (Output): the export same is already made by a',
    );
  });

  it('lets a host that a service principal names stand where it has no effect', () => {
    const role = { Type: 'AWS::IAM::Role', Properties: { Principal: 'lambda.amazonaws.com' } };
    expect(resolve(stack('data', { Resources: { Role: role } }))).toEqual([]);
  });

  it('builds hosts from the URL suffix that can never resolve', () => {
    const [resource] = resolve(
      stack('data', { Resources: { T: table({ Tags: { 'Fn::Sub': 'x.${AWS::URLSuffix}' } }) } }),
    );
    expect(resource?.properties.Tags).toBe('x.aws.invalid');
  });
});
