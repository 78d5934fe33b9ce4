import { describe, expect, it } from 'vitest';
import { synthesizeDesk } from './synthesized-desk.ts';

const { settings, templates } = synthesizeDesk('dev');
const { api } = templates;

describe('the HTTP API', () => {
  it('has the routes of the contract, each served by its function', () => {
    const integrations = api.findResources('AWS::ApiGatewayV2::Integration');
    const routes = Object.values(api.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => {
      const [integrationId] = Object.keys(integrations).filter((id) => JSON.stringify(Properties.Target).includes(id));
      const uri = JSON.stringify(integrations[integrationId ?? '']?.Properties.IntegrationUri);
      return [Properties.RouteKey, /"([A-Za-z]+)Function[0-9A-F]{8}"/.exec(uri)?.[1]];
    });
    expect(Object.fromEntries(routes)).toEqual({
      'POST /signals/{source}/{token}': 'ReceiveSignal',
      'POST /signals/{source}': 'ReceiveSignal',
      'GET /signals/{signalId}': 'QueryDesk',
      'GET /orders': 'QueryDesk',
      'GET /orders/{id}': 'QueryDesk',
      'GET /orders/{id}/events': 'QueryDesk',
      'GET /positions': 'QueryDesk',
      'GET /balances': 'QueryDesk',
      'GET /pnl': 'QueryDesk',
      'GET /reconciliation': 'QueryDesk',
      'GET /risk': 'QueryDesk',
      'GET /exchanges': 'QueryDesk',
      'GET /exchanges/{venue}': 'QueryDesk',
      'GET /health': 'QueryDesk',
      'GET /candles': 'QueryCandles',
      'GET /candles/coverage': 'QueryCandles',
      'GET /quotes': 'QueryQuotes',
      'GET /streams': 'QueryQuotes',
      'PUT /risk/{account}/switch': 'SwitchRisk',
      'POST /orders': 'ManageOrders',
      'PATCH /orders/{id}': 'ManageOrders',
      'DELETE /orders': 'ManageOrders',
      'DELETE /orders/{id}': 'ManageOrders',
    });
  });

  it('speaks payload format 2.0', () => {
    for (const { Properties } of Object.values(api.findResources('AWS::ApiGatewayV2::Integration'))) {
      expect(Properties.PayloadFormatVersion).toBe('2.0');
    }
  });

  it('throttles the stage as the settings say', () => {
    api.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: {
        ThrottlingRateLimit: settings.throttle.requestsPerSecond,
        ThrottlingBurstLimit: settings.throttle.burst,
      },
    });
  });

  it('logs requests by route and never by path, which holds tokens', () => {
    const [stage] = Object.values(api.findResources('AWS::ApiGatewayV2::Stage'));
    const format = JSON.parse(stage?.Properties.AccessLogSettings.Format) as Record<string, string>;
    expect(format.routeKey).toBe('$context.routeKey');
    const values = Object.values(format).join(' ');
    expect(values).not.toMatch(/context\.(path|authorizer|protocol|domainName)/);
  });

  it('lets API Gateway start each function for its own routes only', () => {
    const permissions = Object.values(api.findResources('AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(23);
    for (const { Properties } of permissions) {
      expect(Properties.Principal).toBe('apigateway.amazonaws.com');
      expect(JSON.stringify(Properties.SourceArn)).toMatch(
        /\/\*\/\*\/(signals|orders|positions|balances|pnl|reconciliation|risk|exchanges|candles|quotes|streams|health)/,
      );
    }
  });
});
