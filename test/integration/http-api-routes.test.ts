import { expect, test } from 'vitest';
import { matchRoute, parseRouteKey, sortByPriority } from '../../local/cloud/http-api/routes.ts';

const routes = sortByPriority(
  [
    '$default',
    'ANY /{proxy+}',
    'GET /pets/{proxy+}',
    'ANY /pets/dog/1',
    'GET /pets/dog/{id}',
    'GET /pets/dog/1',
    'GET /pets/{kind}/{id}',
    'POST /signals/{source}',
    'POST /signals/{source}/{token}',
    'GET /',
  ].map(parseRouteKey),
);

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['PUT', '/pets/dog/1', 'ANY /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/1', 'GET /pets/{kind}/{id}', { kind: 'cat', id: '1' }],
  ['GET', '/pets/cat', 'GET /pets/{proxy+}', { proxy: 'cat' }],
  ['GET', '/pets/a/b/c', 'GET /pets/{proxy+}', { proxy: 'a/b/c' }],
  ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
  ['POST', '/signals/demo', 'POST /signals/{source}', { source: 'demo' }],
  ['POST', '/signals/demo/secret', 'POST /signals/{source}/{token}', { source: 'demo', token: 'secret' }],
  ['GET', '/', 'GET /', {}],
  ['POST', '/', '$default', {}],
])('%s %s takes the route that API Gateway documents as most specific', (method, path, routeKey, pathParameters) => {
  const match = matchRoute(routes, method, path);
  expect(match?.route.routeKey).toBe(routeKey);
  expect(match?.pathParameters).toEqual(pathParameters);
});

test('a variable does not match an empty part of the path', () => {
  const only = [parseRouteKey('GET /orders/{id}')];
  expect(matchRoute(only, 'GET', '/orders/')).toBeUndefined();
  expect(matchRoute(only, 'GET', '/orders/1/')).toBeUndefined();
});

test('the order in which routes are declared does not matter', () => {
  const reversed = sortByPriority(routes.toReversed());
  for (const path of ['/', '/pets/dog/1', '/pets/dog/2', '/pets/cat/1', '/pets/cat', '/other']) {
    const [match, reversedMatch] = [routes, reversed].map((each) => matchRoute(each, 'GET', path)?.route.routeKey);
    expect(reversedMatch, path).toBe(match);
  }
});

test.each(['get /x', 'GET x', 'FETCH /x', 'GET /{proxy+}/x'])('the route key "%s" is refused', (routeKey) => {
  expect(() => parseRouteKey(routeKey)).toThrow(routeKey);
});
