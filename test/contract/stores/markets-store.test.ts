import { openCloudStores } from './desk-cloud.ts';
import { marketsStoreContract } from './markets-store-contract.ts';
import { openMemoryStores } from './memory-desk.ts';

marketsStoreContract('the tables in memory', openMemoryStores);
marketsStoreContract('DynamoDB', openCloudStores);
