import { throughGateway } from './cell.ts';
import { describeRow } from './describe-row.ts';

describeRow({ era: 'modern', over: 'stdio' }, throughGateway);
