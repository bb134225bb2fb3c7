/** One of several processes that create the same fifty keys at once. */
import { secretKey } from '../../src/identity/keys.ts';

const folder = process.argv[2] ?? '';
process.once('message', () => {
  const keys = Array.from({ length: 50 }, (_, index) => secretKey(folder, `key-${index}`).toString('hex'));
  process.send?.(keys.join(','), () => process.disconnect());
});
process.send?.('ready');
