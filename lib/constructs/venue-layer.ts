import { environmentNames } from '@nightdesk/core';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DeskFunction } from './desk-function.ts';

/** Every venue, built into small modules that are imported one at a time; see `layers/exchange`. */
export class VenueLayer extends Construct {
  private readonly layer: LayerVersion;

  /** @param directory holds `venues/`. */
  constructor(scope: Construct, id: string, directory: string) {
    super(scope, id);
    this.layer = new LayerVersion(this, 'Layer', {
      description: 'Venues, one module each',
      // A build that another process is just writing stands beside the finished one, under a name with a dot.
      code: Code.fromAsset(directory, { exclude: ['.*'] }),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  attachTo(fn: DeskFunction): void {
    fn.lambda.addLayers(this.layer);
    // Lambda unpacks layers into /opt.
    fn.setEnvironment(environmentNames.venuesDirectory, '/opt/venues');
  }
}
