/** Approvals that nobody can give, as far as the file itself shows. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { itemsOf, membersOf } from '../../document/mapping.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import { LOCAL } from '../../domain/principal.ts';
import type { Terms } from '../../domain/terms.ts';
import type { Who } from '../../domain/who.ts';
import { approvalShape, flowApprovalShape, writtenTerms } from '../file/approval-shape.ts';
import type { LoadedPolicy } from '../file/load.ts';

export function approvalWarnings({ document, profile, issuers }: LoadedPolicy): readonly Problem[] {
  return approvalsIn(document).flatMap(({ path, part, shape }) => {
    const read = shape.safeParse(part);
    const terms = read.success ? writtenTerms(read.data, issuers) : undefined;
    if (terms === undefined) return [];
    const found = [...new Set(profile.who.flatMap((one) => cannot(terms, one) ?? []))];
    return found.map((why) => document.keyProblem(path, `an approval nobody can give: ${why}`));
  });
}

/** Why nobody can approve what such a caller asks for; undefined where somebody may be able to. */
function cannot({ approvers, quorum, allowRequester }: Terms, who: Who): string | undefined {
  if (who === LOCAL) {
    if (approvers.length > 0) return 'agents of this machine are answered by its user alone, whom no approvers name';
    return quorum > 1 ? `agents of this machine are answered by its user alone, and quorum is ${quorum}` : undefined;
  }
  const asker = who.subjects?.length === 1 && !allowRequester ? who.subjects[0] : undefined;
  for (const list of approvers) {
    const mine = list.filter(({ issuer }) => issuer === who.issuer);
    if (mine.length === 0) return `no approvers are of ${who.issuer}, whose callers ask`;
    const people = mine.filter(({ name }) => name !== asker);
    if (mine.every(({ kind }) => kind === 'user') && people.length < quorum)
      return `${people.length} of the approvers can answer, and quorum is ${quorum}`;
  }
  return undefined;
}

interface Written {
  readonly path: Path;
  readonly part: JsonValue | undefined;
  readonly shape: typeof approvalShape | typeof flowApprovalShape;
}

function approvalsIn(document: YamlDocument): readonly Written[] {
  const listed = ['resources', 'prompts'].flatMap((key) =>
    itemsOf(document, key).flatMap((one, at) => of(one, [key, at])),
  );
  const tools = membersOf(document, 'tools').flatMap(([key, tool]) => {
    const cases = isObject(tool) && Array.isArray(tool['cases']) ? (tool['cases'] as readonly JsonValue[]) : [];
    return [...of(tool, ['tools', key]), ...cases.flatMap((one, at) => of(one, ['tools', key, 'cases', at]))];
  });
  const flows = itemsOf(document, 'flows').flatMap((one, at) => of(one, ['flows', at], flowApprovalShape));
  return [...tools, ...listed, ...flows];
}

const of = (part: JsonValue | undefined, path: Path, shape: Written['shape'] = approvalShape): readonly Written[] =>
  isObject(part) && part['approval'] !== undefined
    ? [{ path: [...path, 'approval'], part: part['approval'], shape }]
    : [];
