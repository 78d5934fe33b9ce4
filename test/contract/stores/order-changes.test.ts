import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { orderChangesContract } from './order-changes-contract.ts';

orderChangesContract('the tables in memory', openMemoryStores);
orderChangesContract('DynamoDB', openCloudStores);
