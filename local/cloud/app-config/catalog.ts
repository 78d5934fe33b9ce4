/** Applications, environments and profiles, and which configuration each environment has deployed. */
import { type ResolvedResource, readProperties } from '../resolved-resource.ts';
import { notFound } from './errors.ts';

/** Where a configuration is deployed; each part by name or id. */
export interface Place {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

export interface Configuration {
  readonly content: string;
  /** MIME type. */
  readonly contentType: string;
  readonly versionLabel: string | undefined;
}

export interface Catalog {
  /** The place with its names replaced by ids. @throws AppConfigError naming the part that does not exist. */
  resolve(place: Place): Place;
  /** What is deployed at a resolved place. @throws AppConfigError when nothing is. */
  deployed(place: Place): Configuration;
  deploy(place: Place, configuration: Configuration): void;
}

interface Named {
  readonly id: string;
  readonly name: string;
  /** Empty for applications themselves. */
  readonly applicationId: string;
}

/**
 * Reads AppConfig resources; others are ignored. Deployments take effect at once, since bake times and growth of a
 * deployment strategy would only delay a desk that nobody else uses.
 * @throws Error naming the resource that uses something the embedded cloud does not have, or refers to nothing.
 */
export function readCatalog(resources: readonly ResolvedResource[]): Catalog {
  const ofType = (type: string) => resources.filter((resource) => resource.type === `AWS::AppConfig::${type}`);
  for (const profile of ofType('ConfigurationProfile')) requireHostedText(profile);
  const catalog = createCatalog({
    Application: ofType('Application').map(readNamed),
    Environment: ofType('Environment').map(readNamed),
    ConfigurationProfile: ofType('ConfigurationProfile').map(readNamed),
  });
  const versions = readVersions(ofType('HostedConfigurationVersion'));
  for (const deployment of ofType('Deployment')) {
    const properties = readProperties(deployment);
    const place = {
      application: properties.text('ApplicationId'),
      environment: properties.text('EnvironmentId'),
      profile: properties.text('ConfigurationProfileId'),
    };
    const number = properties.text('ConfigurationVersion');
    const configuration = versions.get(`${place.application}/${place.profile}/${number}`);
    if (configuration === undefined) {
      throw new Error(`${deployment.logicalId}: property ConfigurationVersion names no hosted version: ${number}`);
    }
    catalog.deploy(catalog.resolve(place), configuration);
  }
  return catalog;
}

function createCatalog(
  known: Readonly<Record<'Application' | 'Environment' | 'ConfigurationProfile', Named[]>>,
): Catalog {
  const deployments = new Map<string, Configuration>();
  const keyOf = ({ application, environment, profile }: Place) => `${application}/${environment}/${profile}`;

  function idOf(type: keyof typeof known, identifier: string, applicationId: string): string {
    const found = known[type].find(
      (each) => each.applicationId === applicationId && (each.id === identifier || each.name === identifier),
    );
    if (found === undefined) throw notFound(type, identifier);
    return found.id;
  }

  return {
    resolve(place) {
      const application = idOf('Application', place.application, '');
      return {
        application,
        environment: idOf('Environment', place.environment, application),
        profile: idOf('ConfigurationProfile', place.profile, application),
      };
    },
    deployed(place) {
      const configuration = deployments.get(keyOf(place));
      if (configuration === undefined) throw notFound('Deployment', keyOf(place));
      return configuration;
    },
    deploy: (place, configuration) => void deployments.set(keyOf(place), configuration),
  };
}

function readNamed(resource: ResolvedResource): Named {
  const properties = readProperties(resource);
  const applicationId = properties.optionalText('ApplicationId') ?? '';
  return { id: resource.physicalId, name: properties.text('Name'), applicationId };
}

function requireHostedText(profile: ResolvedResource): void {
  const properties = readProperties(profile);
  const location = properties.text('LocationUri');
  const type = properties.optionalText('Type') ?? 'AWS.Freeform';
  if (location !== 'hosted' || type !== 'AWS.Freeform') {
    throw new Error(
      `${profile.logicalId}: a profile of type ${type} at ${location} is not emulated, use hosted freeform`,
    );
  }
}

/** By application, profile and version number, which is what `Ref` of a version gives. */
function readVersions(resources: readonly ResolvedResource[]): ReadonlyMap<string, Configuration> {
  const versions = new Map<string, Configuration>();
  for (const resource of resources) {
    const properties = readProperties(resource);
    const key = `${properties.text('ApplicationId')}/${properties.text('ConfigurationProfileId')}/${resource.physicalId}`;
    if (versions.has(key))
      throw new Error(`${resource.logicalId}: its profile has another version ${resource.physicalId}`);
    versions.set(key, {
      content: properties.text('Content'),
      contentType: properties.text('ContentType'),
      versionLabel: properties.optionalText('VersionLabel'),
    });
  }
  return versions;
}
