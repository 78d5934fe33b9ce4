import {
  CfnEIP,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  NatProvider,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DeskFunction } from './desk-function.ts';
import { acknowledge } from './rules.ts';

/** What Lambda needs to put a function into a network; it cannot be narrowed to interfaces that do not exist yet. */
const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const httpsPort = 443;

/**
 * A network whose only way out is one NAT gateway with an elastic IP, for venues that bind keys to addresses.
 *
 * One gateway on purpose: each further one is a further address to register at every venue. When its zone fails, calls to
 * venues end as `unknown` and are resolved once it is back.
 */
export class FixedEgress extends Construct {
  /** The address to register at venues. */
  readonly address: string;
  /** What a function's properties need, so that it runs in here. */
  readonly placement: Pick<FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'>;
  readonly vpc: IVpc;

  /** @param proxyPorts ports beside that of HTTPS that proxies listen on */
  constructor(scope: Construct, id: string, proxyPorts: readonly number[] = []) {
    super(scope, id);
    const address = new CfnEIP(this, 'Address', { domain: 'vpc' });
    this.address = address.ref;
    const vpc = new Vpc(this, 'Network', {
      ipAddresses: IpAddresses.cidr('10.80.0.0/24'),
      maxAzs: 2,
      natGateways: 1,
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [address.attrAllocationId] }),
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 26 },
      ],
      // Gateway endpoints are free, and most of what leaves goes to tables and to the archive. Those for queues, secrets and
      // configuration would cost more than the little that they would keep off the NAT gateway.
      gatewayEndpoints: {
        tables: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        files: { service: GatewayVpcEndpointAwsService.S3 },
      },
      // Doing so takes a custom resource with a function of its own; nothing uses that group.
      restrictDefaultSecurityGroup: false,
    });
    this.vpc = vpc;
    acknowledge(vpc, {
      'AwsSolutions-VPC7': 'Nothing in here listens, and each call to a venue is logged by the function that makes it.',
    });
    const securityGroup = new SecurityGroup(this, 'HttpsOnly', {
      vpc,
      description: 'Functions that call venues: HTTPS out, nothing in',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(httpsPort), 'AWS and venues');
    for (const port of proxyPorts.filter((each) => each !== httpsPort)) {
      // To anywhere: a proxy is known by a name, and a rule wants addresses.
      securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(port), 'proxies');
    }
    this.placement = {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
    };
  }

  /** Lets a function's role do what running in a network takes. */
  allow(fn: DeskFunction): void {
    fn.allow({ actions: interfaceActions, resources: ['*'] });
    acknowledge(fn, {
      'AwsSolutions-IAM5[Resource::*]':
        'Lambda attaches network interfaces that do not exist before, so none can be named.',
    });
  }
}
