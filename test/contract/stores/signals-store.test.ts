import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { signalsStoreContract } from './signals-store-contract.ts';

signalsStoreContract('the tables in memory', openMemoryStores);
signalsStoreContract('DynamoDB', openCloudStores);
