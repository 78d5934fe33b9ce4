import { describe, expect, it } from 'vitest';
import { sampleConfig, synthesizeDesk } from './synthesized-desk.ts';

const without = synthesizeDesk('dev').templates.trading;
const { templates, findings } = synthesizeDesk('dev', { fixedEgress: true });
const { trading, api } = templates;

describe('without fixed egress', () => {
  it('there is no network to pay for', () => {
    without.resourceCountIs('AWS::EC2::VPC', 0);
    without.resourceCountIs('AWS::EC2::NatGateway', 0);
  });
});

describe('with fixed egress', () => {
  it('every way out leads through one NAT gateway with one elastic IP, which the stack names', () => {
    trading.resourceCountIs('AWS::EC2::NatGateway', 1);
    trading.resourceCountIs('AWS::EC2::EIP', 1);
    const [address] = Object.keys(trading.findResources('AWS::EC2::EIP'));
    const [gateway] = Object.values(trading.findResources('AWS::EC2::NatGateway'));
    expect(gateway?.Properties.AllocationId).toEqual({ 'Fn::GetAtt': [address, 'AllocationId'] });
    trading.hasOutput('EgressAddress', { Value: { Ref: address } });
  });

  it('the functions that call venues run inside, and no others', () => {
    const functions = Object.values(trading.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties);
    const inside = functions.filter(({ VpcConfig }) => VpcConfig !== undefined);
    expect(inside).toHaveLength(9);
    for (const { VpcConfig } of inside) expect(VpcConfig.SubnetIds).toHaveLength(2);
    const outside = functions
      .filter(({ VpcConfig }) => VpcConfig === undefined)
      .map(({ FunctionName }) => FunctionName);
    expect(outside.sort()).toEqual([
      expect.stringMatching(/-notify$/),
      expect.stringMatching(/-plan-reconciliations$/),
      expect.stringMatching(/-send-notice$/),
    ]);
    const ofApi = Object.values(api.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties);
    // The kill switch above all: it is to be set while the NAT gateway is out.
    expect(ofApi.filter(({ VpcConfig }) => VpcConfig !== undefined)).toEqual([]);
  });

  it('nothing comes in, and only HTTPS goes out', () => {
    const [group] = Object.values(trading.findResources('AWS::EC2::SecurityGroup'));
    expect(group?.Properties.SecurityGroupIngress).toBeUndefined();
    expect(group?.Properties.SecurityGroupEgress).toEqual([
      expect.objectContaining({ FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }),
    ]);
  });

  it('goes out to the ports of proxies as well', () => {
    const config = structuredClone(sampleConfig);
    const proxies = ['http://one.example:3128', 'https://two.example', 'http://three.example', 'socks5://four.example'];
    Object.assign(config.exchanges.binance ?? {}, { proxies });
    Object.assign(config.accounts.second ?? {}, {
      proxies: ['socks5h://five.example:1081', 'http://one.example:3128'],
    });
    const proxied = synthesizeDesk('dev', { fixedEgress: true }, config);
    const [group] = Object.values(proxied.templates.trading.findResources('AWS::EC2::SecurityGroup'));
    expect(group?.Properties.SecurityGroupEgress).toMatchObject(
      [443, 80, 1080, 1081, 3128].map((port) => ({ FromPort: port, ToPort: port, IpProtocol: 'tcp' })),
    );
    expect(proxied.findings).toEqual([]);
  });

  it('tables and files are reached without the NAT gateway, which charges for each byte', () => {
    const endpoints = Object.values(trading.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => Properties);
    expect(endpoints.map(({ ServiceName }) => /\.(\w+)"/.exec(JSON.stringify(ServiceName))?.[1]).sort()).toEqual([
      'dynamodb',
      's3',
    ]);
    for (const { VpcEndpointType, RouteTableIds } of endpoints) {
      expect(VpcEndpointType).toBe('Gateway');
      expect(RouteTableIds).toHaveLength(4);
    }
  });

  it('takes no custom resource, which would bring a function of its own', () => {
    expect(
      Object.values(trading.toJSON().Resources as Record<string, { Type: string }>).filter(({ Type }) =>
        Type.startsWith('Custom::'),
      ),
    ).toEqual([]);
  });

  it('breaks no rule without a reason', () => {
    expect(findings).toEqual([]);
  });
});
