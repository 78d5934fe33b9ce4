import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { OrdersStore } from '@nightdesk/core';
import { fromOrderItem } from './order-item.ts';

/** Reads orders one by one, for those who change none. */
export const createOrderReader = (client: DynamoDBClient, tableName: string): Pick<OrdersStore, 'get'> => ({
  async get(orderId) {
    const key = { orderId: { S: orderId } };
    const answer = await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
    return answer.Item && fromOrderItem(answer.Item);
  },
});
