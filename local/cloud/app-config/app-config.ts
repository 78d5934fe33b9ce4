/** AWS AppConfig: the data API from which functions poll their configuration. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloudClock } from '../clock.ts';
import { type AwsService, readBody, sendJson, signedService } from '../http.ts';
import { PropertyError, readJsonObject } from '../property-reader.ts';
import type { ResolvedResource } from '../resolved-resource.ts';
import { type Configuration, type Place, readCatalog } from './catalog.ts';
import { AppConfigError, badRequest } from './errors.ts';
import { createSessions, type Poll, type Sessions } from './sessions.ts';

export interface AppConfigOptions {
  /** Resolved `AWS::AppConfig::…` resources; others among them are ignored. */
  readonly resources: readonly ResolvedResource[];
  readonly clock: CloudClock;
}

export interface AppConfig extends AwsService {
  /**
   * Deploys a configuration at once; the next poll of every session there gets it.
   * @throws AppConfigError naming the part of the place that does not exist.
   */
  publish(place: Place, configuration: Configuration): void;
}

const startPath = '/configurationsessions';
const pollPath = '/configuration';

/** @throws Error naming the resource that is wrong or uses what is not emulated. */
export function createAppConfig({ resources, clock }: AppConfigOptions): AppConfig {
  const catalog = readCatalog(resources);
  const sessions = createSessions(catalog, clock);
  return {
    name: 'appconfigdata',
    matches: (request) => signedService(request) === 'appconfig' && [startPath, pollPath].includes(pathOf(request)),
    async handle(request, response) {
      try {
        if (pathOf(request) === startPath) await startSession(sessions, request, response);
        else sendPoll(response, sessions.poll(tokenOf(request)));
      } catch (error) {
        sendRefusal(response, error);
      }
    },
    publish: (place, configuration) => catalog.deploy(catalog.resolve(place), configuration),
  };
}

async function startSession(sessions: Sessions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const input = readJsonObject('StartConfigurationSession', (await readBody(request)).toString());
  const place = {
    application: input.text('ApplicationIdentifier'),
    environment: input.text('EnvironmentIdentifier'),
    profile: input.text('ConfigurationProfileIdentifier'),
  };
  const token = sessions.start(place, input.optionalNumber('RequiredMinimumPollIntervalInSeconds'));
  sendJson(response, { status: 201, body: { InitialConfigurationToken: token }, contentType: 'application/json' });
}

/** Without a change the body is empty, which callers read as "keep what you have". */
function sendPoll(response: ServerResponse, poll: Poll): void {
  const content = poll.changed?.content ?? '';
  response.writeHead(200, {
    'content-type': poll.contentType,
    'content-length': Buffer.byteLength(content),
    'next-poll-configuration-token': poll.nextToken,
    'next-poll-interval-in-seconds': String(poll.nextPollSeconds),
    ...(poll.changed?.versionLabel !== undefined && { 'version-label': poll.changed.versionLabel }),
  });
  response.end(content);
}

/** Sends what the caller did wrong. @throws the error again when it is not the caller's. */
function sendRefusal(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof PropertyError ? badRequest(error.message) : error;
  if (!(refusal instanceof AppConfigError)) throw error;
  response.setHeader('x-amzn-errortype', refusal.name);
  sendJson(response, {
    status: refusal.status,
    body: { Message: refusal.message, ...refusal.details },
    contentType: 'application/json',
  });
}

function tokenOf(request: IncomingMessage): string {
  const token = urlOf(request).searchParams.get('configuration_token');
  if (!token) throw badRequest('configuration_token is missing');
  return token;
}

function pathOf(request: IncomingMessage): string {
  return urlOf(request).pathname;
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://localhost');
}
