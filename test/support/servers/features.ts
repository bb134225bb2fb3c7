/** What the fixture servers of both eras offer and ask alike. */
export const INSTRUCTIONS = 'Mind the gap.';

export const TONES = ['formal', 'friendly'];

export const NOTES = { one: 'The first note.', other: 'Another note.' };

export const FORM = {
  message: 'Which?',
  requestedSchema: { type: 'object' as const, properties: { which: { type: 'string' as const } } },
};

export const URL = { message: 'Open it.', url: 'https://example.com/authorize' };

export const SAMPLE = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Think.' } }],
  maxTokens: 10,
};
