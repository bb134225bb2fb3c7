/**
 * One message as RFC 5322 text, UTF-8 throughout. Lines end in LF, as maildirs keep them; whoever sends the file on makes
 * that CRLF.
 */

/** What the caller wants to send. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/** Most characters of a subject, most bytes of a body. */
export const LONGEST_SUBJECT = 500;
const LARGEST_BODY = 256 * 1024;

/** RFC 5321 4.5.3.1: 64 for the local part, 255 for the domain; 254 is what fits a path. */
const LONGEST_ADDRESS = 254;
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** RFC 5322 2.1.1: at most 998 octets a line. */
const LONGEST_LINE = 998;
/** RFC 2047 2: an encoded word has at most 75 characters, its line 76. 39 bytes fit behind `Subject: `. */
const BYTES_PER_WORD = 39;

/** What is wrong with a letter, as one sentence; undefined when it may be sent. */
export function problemOf({ to, subject, body }: Letter): string | undefined {
  if (/[\r\n]/.test(to) || /[\r\n]/.test(subject)) {
    return 'A line break in "to" or "subject" would add headers of its own. Take it out.';
  }
  if (hasControl(subject)) return 'The subject contains a control character. Take it out.';
  if (![subject, body].every((text) => text.isWellFormed())) {
    return 'The text contains half of a surrogate pair and cannot be sent as UTF-8.';
  }
  if (!plausible(to)) return `"${to}" is no address of the form local@domain. Give exactly one such address.`;
  if (subject.length > LONGEST_SUBJECT) return `The subject is longer than ${LONGEST_SUBJECT} characters.`;
  if (Buffer.byteLength(body) > LARGEST_BODY) return `The body is larger than ${LARGEST_BODY / 1024} KiB.`;
  return undefined;
}

/** The whole file. `messageId` without angle brackets; `at` in milliseconds since the epoch. */
export function formatMessage(letter: Letter, messageId: string, at: number): string {
  const plain = letter.body.split('\n').every((line) => Buffer.byteLength(line) <= LONGEST_LINE && !hasControl(line));
  const headers = [
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    'From: outbox <outbox@localhost>',
    `To: ${letter.to}`,
    `Subject: ${encodedSubject(letter.subject)}`,
    `Message-ID: <${messageId}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Transfer-Encoding: ${plain ? '8bit' : 'base64'}`,
  ];
  return `${headers.join('\n')}\n\n${plain ? letter.body : wrapped(letter.body)}\n`;
}

const plausible = (to: string): boolean =>
  to.length <= LONGEST_ADDRESS && ADDRESS.test(to) && to.indexOf('@') <= 64 && !/@.*[^.]{64}/.test(to);

/** A control character other than a tab: in a header it is refused, in a body it asks for base64. */
function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** RFC 2047. ASCII stays as it is, unless it would itself be read as an encoded word. */
function encodedSubject(subject: string): string {
  if (/^[\x20-\x7e]*$/.test(subject) && !subject.includes('=?')) return subject;
  const words: string[] = [];
  let word = '';
  for (const character of subject) {
    if (Buffer.byteLength(word + character) > BYTES_PER_WORD) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`).join('\n ');
}

const wrapped = (body: string): string =>
  (
    Buffer.from(body)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\n');
