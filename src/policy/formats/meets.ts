/**
 * Whether a text meets a format. `unsure`: two readers could take it for two things, or it is not of the format's kind
 * at all; whoever asks must take that for the worse answer.
 */
export type Meets = 'yes' | 'no' | 'unsure';

/** `dir` is the session's folder, an absolute path. */
export type FormatTest = (text: string, dir: string) => Meets;
