/** The CDK app, as cdk.json names it. */
import { synthesize } from './synthesize.ts';

await synthesize();
