/** Tells a story, and ends it at the first thing that is not so. */
import { colours } from '../../../src/cli/terminal.ts';
import type { Answered, Given } from './agents.ts';

export interface Narrator {
  /** A heading, numbered. */
  chapter(title: string): void;
  /** What an agent asked. */
  asked(who: string, tool: string, given: Given): void;
  answered(answer: Answered | string): void;
  /** What happened, in the story's own words. */
  tell(sentence: string): void;
  /** A command that a person typed, and what the screen showed. */
  ran(command: string, screen: string): void;
  /** Throws, with the sentence, where it is not so. */
  check(isSo: boolean, otherwise: string): void;
}

/** Characters of an answer that are shown, and of an object in it. */
const LONGEST = 240;
const LONGEST_OBJECT = 64;

export function narrator(print: (line: string) => void): Narrator {
  const { bold, cyan, dim } = colours;
  let chapters = 0;
  return {
    chapter: (title) => print(`\n${bold(`${++chapters}. ${title}`)}`),
    asked: (who, tool, given) => print(`   ${dim(who.padEnd(7))} ${cyan(tool)} ${JSON.stringify(given)}`),
    answered(answer) {
      const text = (typeof answer === 'string' ? answer : answer.text).trim().replaceAll('\n', ' ');
      print(`   ${dim('      →')} ${inItsColour(shortened(text))}`);
    },
    tell: (sentence) => print(`   ${dim('      ·')} ${sentence}`),
    ran(command, screen) {
      print(`   ${dim('person ')} $ ${bold(command)}`);
      for (const line of screen.replace(/^\n+/, '').trimEnd().split('\n')) print(`           ${line.trimEnd()}`);
    },
    check(isSo, otherwise) {
      if (!isSo) throw new Error(otherwise);
    },
  };
}

/** By the words in capitals that a sentence of Tollgate opens with. */
function inItsColour(text: string): string {
  const { green, red, yellow } = colours;
  if (/^(DENIED|STOPPED|INVALID|-32602)/.test(text)) return red(text);
  return /^(HELD|UNKNOWN|UNAVAILABLE|RUNNING)/.test(text) ? yellow(text) : green(text);
}

function shortened(text: string): string {
  const object = text.indexOf('{');
  const length = object === -1 ? LONGEST : Math.min(LONGEST, object + LONGEST_OBJECT);
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
