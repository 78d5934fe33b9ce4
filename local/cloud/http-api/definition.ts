/** From resolved CloudFormation resources to what the HTTP API needs to run. */
import type { PropertyReader } from '../property-reader.ts';
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import type { CorsConfiguration } from './cors.ts';
import { parseRouteKey, type RoutePattern, sortByPriority } from './routes.ts';

export interface HttpApiRoute extends RoutePattern {
  readonly functionArn: string;
  /** Account of the function, which is the API's own. */
  readonly accountId: string;
  readonly timeoutMs: number;
}

export interface HttpApiDefinition {
  readonly apiId: string;
  /** Sorted so that the first match wins. */
  readonly routes: readonly HttpApiRoute[];
  readonly cors: CorsConfiguration | undefined;
}

/** Longest time, and the default, that an HTTP API waits for an integration. */
const integrationTimeoutMsMax = 30_000;

/**
 * Reads one HTTP API with its routes, Lambda integrations and default stage. Resources of other types are ignored.
 * @throws Error naming the resource that uses something the embedded cloud does not have, such as an authorizer.
 */
export function readHttpApiDefinition(resources: readonly ResolvedResource[]): HttpApiDefinition {
  const ofType = (type: string) => resources.filter((resource) => resource.type === `AWS::ApiGatewayV2::${type}`);
  const [api, ...otherApis] = ofType('Api');
  if (api === undefined || otherApis.length > 0) {
    throw new Error(`expected one AWS::ApiGatewayV2::Api, found ${otherApis.length + (api ? 1 : 0)}`);
  }
  const [authorizer] = ofType('Authorizer');
  if (authorizer !== undefined) {
    throw new Error(`${authorizer.logicalId}: authorizers are not emulated, authenticate in the function instead`);
  }
  requireDefaultStage(ofType('Stage'));

  const integrations = new Map(ofType('Integration').map((item) => [item.physicalId, readIntegration(item)]));
  return {
    apiId: api.physicalId,
    routes: sortByPriority(ofType('Route').map((route) => readRoute(route, integrations))),
    cors: readCors(readApi(api).optionalChild('CorsConfiguration')),
  };
}

function readApi(api: ResolvedResource): PropertyReader {
  const properties = readProperties(api);
  const protocol = properties.text('ProtocolType');
  if (protocol !== 'HTTP') throw new Error(`${api.logicalId}: ProtocolType ${protocol} is not emulated, use HTTP`);
  return properties;
}

function requireDefaultStage(stages: readonly ResolvedResource[]): void {
  const names = stages.map((stage) => readProperties(stage).text('StageName'));
  if (names.length !== 1 || names[0] !== '$default') {
    throw new Error(`an HTTP API needs exactly the stage $default here, found: ${names.join(', ') || 'none'}`);
  }
}

type Integration = Pick<HttpApiRoute, 'functionArn' | 'accountId' | 'timeoutMs'>;

function readIntegration(resource: ResolvedResource): Integration {
  const properties = readProperties(resource);
  const type = properties.text('IntegrationType');
  const format = properties.optionalText('PayloadFormatVersion') ?? '1.0';
  if (type !== 'AWS_PROXY' || format !== '2.0') {
    throw new Error(
      `${resource.logicalId}: integration ${type} with payload format ${format} is not emulated, use AWS_PROXY and 2.0`,
    );
  }
  for (const name of ['RequestParameters', 'ResponseParameters']) {
    if (properties.optionalChild(name)) throw new Error(`${resource.logicalId}: property ${name} is not emulated`);
  }
  const uri = properties.text('IntegrationUri');
  const [functionArn, accountId] = /arn:aws:lambda:[^:]+:(\d+):function:[^/]+/.exec(uri) ?? [];
  if (functionArn === undefined || accountId === undefined) {
    throw new Error(`${resource.logicalId}: property IntegrationUri must name a Lambda function, got ${uri}`);
  }
  return { functionArn, accountId, timeoutMs: properties.optionalNumber('TimeoutInMillis') ?? integrationTimeoutMsMax };
}

function readRoute(resource: ResolvedResource, integrations: ReadonlyMap<string, Integration>): HttpApiRoute {
  const properties = readProperties(resource);
  const authorization = properties.optionalText('AuthorizationType') ?? 'NONE';
  if (authorization !== 'NONE' || properties.optionalText('AuthorizerId') !== undefined) {
    throw new Error(`${resource.logicalId}: authorization ${authorization} is not emulated, use NONE`);
  }
  const target = properties.text('Target');
  const integration = integrations.get(target.replace(/^integrations\//, ''));
  if (integration === undefined)
    throw new Error(`${resource.logicalId}: property Target names no integration: ${target}`);
  return { ...parseRouteKey(properties.text('RouteKey')), ...integration };
}

function readCors(properties: PropertyReader | undefined): CorsConfiguration | undefined {
  if (properties === undefined) return undefined;
  return {
    allowOrigins: properties.optionalTexts('AllowOrigins') ?? [],
    allowMethods: properties.optionalTexts('AllowMethods') ?? [],
    allowHeaders: properties.optionalTexts('AllowHeaders') ?? [],
    exposeHeaders: properties.optionalTexts('ExposeHeaders') ?? [],
    maxAgeSeconds: properties.optionalNumber('MaxAge'),
    allowCredentials: properties.optionalBoolean('AllowCredentials') ?? false,
  };
}
