/** A stdio server of 2026-07-28 only: a legacy opening is refused. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { modernTools } from './modern-tools.ts';

serveStdio(() => modernTools({ cancelled: 0 }), { legacy: 'reject' });
