import { openSqliteBench } from '../store/sqlite-bench.ts';
import { ledgerContract } from './ledger.ts';

ledgerContract('SQLite', openSqliteBench);
