import type { OrdersStore } from '@nightdesk/core';
import type { ItemReader } from './item-reader.ts';
import { fromOrderItem } from './order-item.ts';

/** Reads orders one by one, for those who change none. */
export const createOrderReader = (reader: ItemReader, tableName: string): Pick<OrdersStore, 'get'> => ({
  async get(orderId) {
    const item = await reader.get(tableName, { orderId });
    return item && fromOrderItem(item);
  },
});
