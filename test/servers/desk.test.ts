import { describe, expect, it } from 'vitest';
import { legacyClient, modernClient, temporaryFolder } from './clients.ts';

const REPLY = { request_id: 'r1', case_id: 'c-1001', to: 'ada@customers.example.com', body: 'We look into it.' };
const REFUND = { request_id: 'f1', case_id: 'c-1001', order_id: 'o-501', amount: 48 };

describe('desk', () => {
  const clients = {
    'the v1 client': (folder: string) => legacyClient('desk', folder),
    'the v2 client, 2026-07-28': (folder: string) => modernClient('desk', folder, { pin: '2026-07-28' }),
  };
  for (const [name, connect] of Object.entries(clients)) {
    it(`finds a case, checks its order, refunds it, replies and closes it for ${name}`, async () => {
      const desk = await connect(temporaryFolder());
      const found = await desk.call('search_cases', { queue: 'billing', text: 'twice' });
      expect(found.structured).toEqual({
        cases: [{ case_id: 'c-1001', queue: 'billing', subject: 'Charged twice', open: true }],
      });
      expect((await desk.call('get_case', { case_id: 'c-1001' })).structured).toMatchObject({
        order_id: 'o-501',
        paid: 48,
      });
      expect((await desk.call('check_fraud', { order_id: 'o-501' })).structured).toMatchObject({ result: 'clear' });
      expect((await desk.call('refund_order', REFUND)).structured).toMatchObject({ status: 'paid', repeated: false });
      expect((await desk.call('send_reply', REPLY)).structured).toMatchObject({ status: 'sent', repeated: false });
      expect((await desk.call('get_reply', { request_id: 'r1' })).structured).toMatchObject({ body: REPLY.body });
      expect((await desk.call('close_case', { case_id: 'c-1001' })).structured).toEqual({
        case_id: 'c-1001',
        open: false,
      });
      expect(await desk.call('send_reply', { ...REPLY, request_id: 'r2' })).toMatchObject({
        isError: true,
        text: 'The case c-1001 is closed.',
      });
    });
  }

  it('does nothing twice for one request_id, also after a restart, and nothing else for it', async () => {
    const folder = temporaryFolder();
    const first = await modernClient('desk', folder, { pin: '2026-07-28' });
    const paid = await first.call('refund_order', REFUND);
    await first.close();
    const second = await modernClient('desk', folder, { pin: '2026-07-28' });
    expect((await second.call('refund_order', REFUND)).structured).toEqual({ ...paid.structured, repeated: true });
    expect(await second.call('refund_order', { ...REFUND, amount: 5 })).toMatchObject({
      isError: true,
      text: 'The request_id "f1" was used for something else. Choose a new one.',
    });
  });

  it('knows no case, order or reply that is not there, and refunds no other order', async () => {
    const desk = await modernClient('desk', temporaryFolder(), { pin: '2026-07-28' });
    expect((await desk.call('get_case', { case_id: 'c-1' })).text).toBe('There is no case "c-1". Use search_cases.');
    expect((await desk.call('check_fraud', { order_id: 'o-1' })).text).toBe('There is no order "o-1".');
    expect((await desk.call('get_reply', { request_id: 'r9' })).text).toBe(
      'No reply was sent with the request_id "r9".',
    );
    expect((await desk.call('refund_order', { ...REFUND, order_id: 'o-502' })).text).toBe(
      'The order of c-1001 is o-501.',
    );
    expect((await desk.call('close_case', { case_id: 'c-9' })).isError).toBe(true);
  });

  it('finds the order of case 1003 suspect', async () => {
    const desk = await modernClient('desk', temporaryFolder(), { pin: '2026-07-28' });
    expect((await desk.call('check_fraud', { order_id: 'o-503' })).structured).toEqual({
      order_id: 'o-503',
      result: 'suspect',
    });
  });
});
