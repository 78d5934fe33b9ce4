import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { positionsContract } from './positions-contract.ts';

positionsContract('the tables in memory', openMemoryStores);
positionsContract('DynamoDB', openCloudStores);
