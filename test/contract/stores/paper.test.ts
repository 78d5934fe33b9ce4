import { openCloudStores } from './desk-cloud.ts';
import { openMemoryStores } from './memory-desk.ts';
import { paperContract } from './paper-contract.ts';

paperContract('the tables in memory', openMemoryStores);
paperContract('DynamoDB', openCloudStores);
