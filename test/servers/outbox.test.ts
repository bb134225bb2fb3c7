import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { legacyClient, modernClient, type Server, temporaryFolder } from './clients.ts';

const LETTER = { to: 'ada@example.com', subject: 'Hello', body: 'One line.\nFrom here on, another.' };

async function outbox(): Promise<{ server: Server; folder: string }> {
  const folder = temporaryFolder();
  return { server: await legacyClient('outbox', folder), folder };
}

const delivered = (folder: string): readonly string[] => readdirSync(join(folder, 'new'));

/** The only message in the maildir: its headers, unfolded, by lower-case name, and its decoded body. */
function onlyMessage(folder: string): { headers: ReadonlyMap<string, string>; body: string; text: string } {
  const [name = '', ...others] = delivered(folder);
  expect(others).toEqual([]);
  const text = readFileSync(join(folder, 'new', name), 'utf8');
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).replaceAll('\n ', ' ').split('\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(': ')).toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
  );
  const raw = text.slice(end + 2, -1);
  const base64 = headers.get('content-transfer-encoding') === 'base64';
  return { headers, text, body: base64 ? Buffer.from(raw, 'base64').toString('utf8') : raw };
}

const decoded = (subject: string): string =>
  subject.replaceAll(/=\?utf-8\?B\?([^?]*)\?=( (?==\?))?/g, (_, word: string) =>
    Buffer.from(word, 'base64').toString(),
  );

describe('outbox on the wire', () => {
  it.each([
    ['the v1 client', (folder: string) => legacyClient('outbox', folder)],
    ['the v2 client, which falls back to the legacy era', (folder: string) => modernClient('outbox', folder, 'auto')],
  ])('drafts, sends, gets and lists for %s', async (_, connect) => {
    const folder = join(temporaryFolder(), 'made when absent');
    const server = await connect(folder);
    const drafted = await server.call('draft_message', LETTER);
    expect(drafted.structured).toEqual({ draft_id: expect.stringMatching(/^draft-/) });
    expect(delivered(folder)).toEqual([]);

    const sent = await server.call('send_message', { request_id: 'r1', ...LETTER });
    expect(sent.structured).toMatchObject({ request_id: 'r1', repeated: false, file: delivered(folder)[0] });

    const got = await server.call('get_message', { id: 'r1' });
    expect(got.structured).toMatchObject({ ...LETTER, id: 'r1', status: 'sent', at: sent.structured?.['sent_at'] });
    const draft = await server.call('get_message', { id: drafted.structured?.['draft_id'] });
    expect(draft.structured).toMatchObject({ ...LETTER, status: 'draft' });

    const messages = ['draft', 'sent'].map((status) => expect.objectContaining({ status, subject: LETTER.subject }));
    expect((await server.call('list_messages', {})).structured).toEqual({
      messages: expect.arrayContaining(messages),
      total: 2,
    });
    expect(await server.call('get_message', { id: 'r2' })).toMatchObject({
      isError: true,
      text: 'There is no message "r2": it is no draft_id, and no message was accepted with it.',
    });
    const schemas = (await server.tools()).map((tool) => tool.outputSchema !== undefined);
    expect(schemas).toEqual([true, true, true, true]);
  });

  it.each([[[]], [['']], [['--help']], [['a', 'b']], [['package.json']]])(
    'says what is wrong with %j in one line, exit code 64',
    (given) => {
      const ran = spawnSync(process.execPath, ['servers/outbox/main.ts', ...given], { encoding: 'utf8', input: '' });
      expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status: 64, stdout: '' });
      expect(ran.stderr).toMatch(/^(usage: .*FOLDER|outbox: cannot use .*)\n$/);
    },
  );

  it('keeps messages from other users of the machine', async () => {
    const { server, folder } = await outbox();
    await server.call('send_message', { request_id: 'r1', ...LETTER });
    for (const name of ['new', 'sent', 'drafts']) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'new', delivered(folder)[0] ?? '')).mode & 0o077).toBe(0);
  });
});

describe('a request_id', () => {
  it('delivers once and answers the first result when repeated', async () => {
    const { server, folder } = await outbox();
    const first = await server.call('send_message', { request_id: 'r1', ...LETTER });
    const second = await server.call('send_message', { request_id: 'r1', ...LETTER });
    expect(second).toMatchObject({ isError: false, structured: { ...first.structured, repeated: true } });
    expect(delivered(folder)).toHaveLength(1);
  });

  it.each(['to', 'subject', 'body'] as const)('is refused for another %s', async (part) => {
    const { server, folder } = await outbox();
    await server.call('send_message', { request_id: 'r1', ...LETTER });
    const other = await server.call('send_message', { request_id: 'r1', ...LETTER, [part]: 'eve@example.com' });
    expect(other.isError).toBe(true);
    expect(other.text).toMatch(/was used at .* for another message\. Nothing was sent\./);
    expect(delivered(folder)).toHaveLength(1);
  });

  it('may be any text, is not a path, and is not mistaken for a draft', async () => {
    const { server, folder } = await outbox();
    for (const request_id of ['../../escape', '/etc/passwd', '.', 'ä\n', 'R1', 'r1']) {
      expect(await server.call('send_message', { request_id, ...LETTER })).toMatchObject({ isError: false });
    }
    expect(delivered(folder)).toHaveLength(6);
    expect(readdirSync(folder).sort()).toEqual(['cur', 'drafts', 'new', 'sent', 'tmp']);
    const draft = await server.call('send_message', { request_id: 'draft-1', ...LETTER });
    expect(draft).toMatchObject({ isError: true, text: 'A request_id may not start with "draft-". Nothing was sent.' });
  });

  it('stays accepted, and says so, when the delivery fails; the repeat delivers', async () => {
    const { server, folder } = await outbox();
    rmSync(join(folder, 'new'), { recursive: true });
    const failed = await server.call('send_message', { request_id: 'r1', ...LETTER });
    expect(failed.isError).toBe(true);
    expect(failed.text).toContain('not certain');
    expect(failed.text).not.toContain(folder);
    expect((await server.call('get_message', { id: 'r1' })).structured).toMatchObject({ status: 'accepted' });
    mkdirSync(join(folder, 'new'));
    expect(await server.call('send_message', { request_id: 'r1', ...LETTER })).toMatchObject({
      isError: false,
      structured: { repeated: true },
    });
    expect(delivered(folder)).toHaveLength(1);
  });
});

describe('a message', () => {
  it('is RFC 5322 text in UTF-8', async () => {
    const { server, folder } = await outbox();
    const body = 'Grüße, 🦉\n\tindented\n.\n';
    const sent = await server.call('send_message', { request_id: 'r1', ...LETTER, body });
    const message = onlyMessage(folder);
    expect([...message.headers]).toEqual([
      ['date', expect.stringMatching(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/)],
      ['from', 'outbox <outbox@localhost>'],
      ['to', LETTER.to],
      ['subject', LETTER.subject],
      ['message-id', `<${sent.structured?.['message_id']}>`],
      ['mime-version', '1.0'],
      ['content-type', 'text/plain; charset=utf-8'],
      ['content-transfer-encoding', '8bit'],
    ]);
    expect(message.body).toBe(body);
  });

  it.each(['Grüße 🦉'.repeat(30), '=?utf-8?B?ZmFrZQ==?=', '🦉'.repeat(200), ' spaced  out ', ''])(
    'carries the subject %j in lines of at most 76 characters of ASCII where it is encoded',
    async (subject) => {
      const { server, folder } = await outbox();
      expect(await server.call('send_message', { request_id: 'r1', ...LETTER, subject })).toMatchObject({
        isError: false,
      });
      const { headers, text } = onlyMessage(folder);
      expect(decoded(headers.get('subject') ?? '')).toBe(subject);
      for (const line of text.slice(0, text.indexOf('\n\n')).split('\n')) expect(line).toMatch(/^[ -~]{1,76}$/);
    },
  );

  it.each([`${'x'.repeat(999)}\nshort`, 'carriage\r\nreturn', 'nul\0', '\u{7f}'])(
    'carries a body that is no plain lines in base64: %j',
    async (body) => {
      const { server, folder } = await outbox();
      await server.call('send_message', { request_id: 'r1', ...LETTER, body });
      const message = onlyMessage(folder);
      expect(message.headers.get('content-transfer-encoding')).toBe('base64');
      expect(message.body).toBe(body);
      for (const line of message.text.split('\n')) expect(line.length).toBeLessThanOrEqual(76);
    },
  );

  it.each([
    ['to', 'ada@example.com\r\nBcc: eve@example.com'],
    ['to', 'ada@example.com\nBcc: eve@example.com'],
    ['subject', 'Hello\nBcc: eve@example.com'],
    ['subject', 'Hello\rBcc: eve@example.com'],
    ['subject', 'Hello\0'],
    ['subject', 'x'.repeat(501)],
    ['subject', '\ud800'],
    ['body', '\udc00'],
    ['body', 'é'.repeat(128 * 1024 + 1)],
    ['to', ''],
    ['to', 'ada'],
    ['to', '@example.com'],
    ['to', 'ada@'],
    ['to', 'ada@example.com, eve@example.com'],
    ['to', 'Ada <ada@example.com>'],
    ['to', 'ada@example..com'],
    ['to', 'ada@-example.com'],
    ['to', '.ada@example.com'],
    ['to', 'ada@@example.com'],
    ['to', 'ada@exämple.com'],
    ['to', `${'a'.repeat(65)}@example.com`],
    ['to', `ada@${'a'.repeat(64)}.com`],
  ] as const)('is refused, drafted or sent, with %s %j', async (part, value) => {
    const { server, folder } = await outbox();
    const letter = { ...LETTER, [part]: value };
    expect(await server.call('draft_message', letter)).toMatchObject({ isError: true });
    const refused = await server.call('send_message', { request_id: 'r1', ...letter });
    expect(refused).toMatchObject({ isError: true, text: expect.stringMatching(/\. Nothing was sent\.$/) });
    expect((await server.call('list_messages', {})).structured).toEqual({ messages: [], total: 0 });
    expect([...delivered(folder), ...readdirSync(join(folder, 'tmp'))]).toEqual([]);
  });

  it.each(['to', 'subject'])('says what a line break in "%s" would do', async (part) => {
    const { server } = await outbox();
    const refused = await server.call('draft_message', { ...LETTER, [part]: 'ada@example.com\nBcc: eve@example.com' });
    expect(refused.text).toMatch(/^A line break in "to" or "subject" would add headers/);
  });

  it.each(['a@b', "o'neil+tag@sub.example.co", `${'a'.repeat(64)}@${'b'.repeat(63)}.com`])(
    'may go to %s',
    async (to) => {
      const { server } = await outbox();
      expect(await server.call('draft_message', { ...LETTER, to })).toMatchObject({ isError: false });
    },
  );
});
