import { EnvironmentError, readEnvironment } from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { expect, it } from 'vitest';

const { stage, ordersTable, signalsQueueUrl } = environmentNames;
const names = { stage, orders: ordersTable, queue: signalsQueueUrl };

it('gives the variables by the names a function has for them', () => {
  const environment = { [stage]: 'dev', [ordersTable]: 'orders-1', [signalsQueueUrl]: 'http://queue', OTHER: 'x' };
  expect(readEnvironment(names, environment)).toEqual({ stage: 'dev', orders: 'orders-1', queue: 'http://queue' });
});

it('names every variable that is missing or empty', () => {
  const read = () => readEnvironment(names, { [stage]: 'dev', [ordersTable]: '' });
  expect(read).toThrow(new EnvironmentError([ordersTable, signalsQueueUrl]));
  expect(read).toThrow(`missing environment variables: ${ordersTable}, ${signalsQueueUrl}`);
});
