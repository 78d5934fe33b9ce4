import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { orderListingContract } from './order-listing-contract.ts';

orderListingContract('the tables in memory', openMemoryStores);
orderListingContract('DynamoDB', openCloudStores);
