import {
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { FixedEgress } from './fixed-egress.ts';
import { acknowledge } from './rules.ts';

export interface StreamNetworkProps {
  /** Ports that venues and proxies listen on. */
  readonly ports: readonly number[];
  /** The network whose one way out is an elastic IP, where there is one. @default a network of its own, without NAT */
  readonly egress: FixedEgress | undefined;
}

/**
 * Where the stream service runs. Tasks in a network of its own have public addresses, which cost a tenth of a NAT gateway and change with
 * each task; nothing can reach them there, since nothing is let in.
 */
export class StreamNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly hasPublicAddresses: boolean;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { ports, egress }: StreamNetworkProps) {
    super(scope, id);
    this.hasPublicAddresses = egress === undefined;
    this.vpc = egress?.vpc ?? this.createVpc();
    this.subnets = { subnetType: egress ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PUBLIC };
    this.securityGroup = new SecurityGroup(this, 'OutOnly', {
      vpc: this.vpc,
      description: 'The stream service: out to AWS, venues and proxies, nothing in',
      allowAllOutbound: false,
    });
    for (const port of ports) {
      // To anywhere: venues and proxies are known by names, and a rule wants addresses.
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(port), 'AWS, venues and proxies');
    }
  }

  private createVpc(): Vpc {
    const vpc = new Vpc(this, 'Network', {
      // Beside that of the fixed egress, in case somebody connects the two.
      ipAddresses: IpAddresses.cidr('10.81.0.0/24'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
      ],
      // They are free, and keep what is written to tables and to the archive off the internet.
      gatewayEndpoints: {
        tables: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        files: { service: GatewayVpcEndpointAwsService.S3 },
      },
      // Doing so takes a custom resource with a function of its own; nothing uses that group.
      restrictDefaultSecurityGroup: false,
    });
    acknowledge(vpc, {
      'AwsSolutions-VPC7': 'Nothing in here listens, and every connection to a venue is logged by the service itself.',
    });
    return vpc;
  }
}
