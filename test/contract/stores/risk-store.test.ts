import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { riskStoreContract } from './risk-store-contract.ts';

riskStoreContract('the tables in memory', openMemoryStores);
riskStoreContract('DynamoDB', openCloudStores);
