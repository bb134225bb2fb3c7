/**
 * A stdio server with one tool, `post`. It writes down every call in the file named by RECORD; while the file named by DIES is there, it
 * removes that and dies in the middle of the call, before it answers.
 */
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { RECORD: record = '', DIES: dies = '' } = process.env;
const inputSchema = { type: 'object', properties: { to: { type: 'string' } } };

createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(record, `${line}\n`);
  const { id, method } = JSON.parse(line) as { id?: number; method: string };
  if (id === undefined) return;
  const answer = (more: object): void =>
    void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...more })}\n`);
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'dying', version: '1' };
      return answer({ result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } });
    }
    case 'tools/list':
      return answer({ result: { tools: [{ name: 'post', description: 'Posts a letter.', inputSchema }] } });
    case 'tools/call':
      if (existsSync(dies)) {
        rmSync(dies);
        process.exit(9);
      }
      return answer({ result: { content: [{ type: 'text', text: 'posted' }] } });
    default:
      return answer({ error: { code: -32601, message: 'unknown' } });
  }
});
