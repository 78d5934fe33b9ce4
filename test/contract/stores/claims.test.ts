import { claimsContract } from './claims-contract.ts';
import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';

claimsContract('the tables in memory', openMemoryStores);
claimsContract('DynamoDB', openCloudStores);
