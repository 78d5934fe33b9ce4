import { openCloudStores } from './desk-cloud.ts';
import { fundingContract } from './funding-contract.ts';
import { openMemoryStores } from './memory-desk.ts';

fundingContract('the tables in memory', openMemoryStores);
fundingContract('DynamoDB', openCloudStores);
