import { createTelemetry, describeError } from '@nightdesk/aws';
import { environmentNames, metricNames, metricNamespace } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

describe('what the log says of an error', () => {
  it('is its class, its message and where it arose', () => {
    const { errorName, errorMessage, errorAt } = describeError(new RangeError('out of range'));
    expect([errorName, errorMessage]).toEqual(['RangeError', 'out of range']);
    expect(errorAt).toMatch(/^at .*telemetry\.test\.ts:\d+:\d+\)?$/);
  });

  it('leaves out what clients attach: requests, headers, causes', () => {
    const cause = new Error('the-secret');
    const error = Object.assign(new Error('refused', { cause }), { request: { headers: { 'X-KEY': 'the-secret' } } });
    expect(JSON.stringify(describeError(error))).not.toContain('the-secret');
  });

  it('does without a place where an error has none', () => {
    const error = new Error('placeless');
    delete error.stack;
    expect(describeError(error)).toEqual({ errorName: 'Error', errorMessage: 'placeless' });
  });

  it.each([
    ['a text', 'the-secret', 'string'],
    ['nothing', undefined, 'undefined'],
    ['an object', { token: 'the-secret' }, 'object'],
  ])('is only its type where %s was thrown', (_name, thrown, type) => {
    expect(describeError(thrown)).toEqual({ errorName: 'unknown', errorMessage: type });
  });
});

describe('telemetry', () => {
  let written: string[];

  beforeEach(() => {
    written = [];
    vi.stubEnv(environmentNames.stage, 'test');
    // Development mode writes through the global console, which can be listened to.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    for (const method of ['log', 'info', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation((line: unknown) => void written.push(String(line)));
    }
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('writes log lines with the name of the service', () => {
    const telemetry = createTelemetry('receive-signal');
    telemetry.info('signal accepted', { signalId: 'sg1' });
    telemetry.failure('request failed', new Error('no answer'));
    expect(lines()).toMatchObject([
      { level: 'INFO', service: 'receive-signal', message: 'signal accepted', signalId: 'sg1' },
      { level: 'ERROR', message: 'request failed', errorName: 'Error', errorMessage: 'no answer' },
    ]);
  });

  it('writes metrics once, when flushed, by service and stage', () => {
    const telemetry = createTelemetry('execute-order');
    telemetry.count(metricNames.ordersAccepted);
    telemetry.count(metricNames.ordersDenied, 2);
    telemetry.duration(metricNames.signalToAcceptedMs, 40);
    expect(written).toEqual([]);
    telemetry.flush();
    expect(lines()).toMatchObject([
      {
        ...{ service: 'execute-order', stage: 'test' },
        ...{ OrdersAccepted: 1, OrdersDenied: 2, SignalToAcceptedMs: 40 },
        _aws: { CloudWatchMetrics: [{ Namespace: metricNamespace, Dimensions: [['service', 'stage']] }] },
      },
    ]);
  });

  it('writes what concerns a venue by venue as well: counts added up, the highest share, every duration', () => {
    const telemetry = createTelemetry('execute-order');
    telemetry.count(metricNames.rateLimitAnswers, 1, 'binance');
    telemetry.count(metricNames.rateLimitAnswers, 2, 'binance');
    telemetry.percent(metricNames.requestLimitUsed, 30, 'kraken');
    telemetry.percent(metricNames.requestLimitUsed, 20, 'kraken');
    telemetry.duration(metricNames.venueLatencyMs, 40, 'kraken');
    telemetry.duration(metricNames.venueLatencyMs, 50, 'kraken');
    telemetry.flush();
    const dimensions = (names: string[]) => ({ _aws: { CloudWatchMetrics: [{ Dimensions: [names] }] } });
    const ofVenue = dimensions(['service', 'stage', 'venue']);
    expect(lines()).toMatchObject([
      { RateLimitAnswers: [1, 2], ...dimensions(['service', 'stage']) },
      { RateLimitAnswers: 3, venue: 'binance', service: 'execute-order', stage: 'test', ...ofVenue },
      { RequestLimitUsed: 30, venue: 'kraken', ...ofVenue },
      { VenueLatencyMs: 40, venue: 'kraken', ...ofVenue },
      { VenueLatencyMs: 50, venue: 'kraken', ...ofVenue },
    ]);
    written.length = 0;
    telemetry.flush();
    expect(written).toEqual([]);
  });

  it('does not start without a stage', () => {
    vi.stubEnv(environmentNames.stage, '');
    expect(() => createTelemetry('execute-order')).toThrow(environmentNames.stage);
  });
});
