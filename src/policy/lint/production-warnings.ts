/** What comes of it that a policy reaches production. */
import type { Problem } from '../../document/document.ts';
import { membersOf } from '../../document/mapping.ts';
import { productionAmong } from '../../domain/production.ts';
import type { LoadedPolicy } from '../file/load.ts';

export const productionWarnings = ({ document, profile }: LoadedPolicy): readonly Problem[] =>
  productionAmong(profile.servers).map((server) => {
    const place = membersOf(document, 'servers').some(([name]) => name === server) ? ['servers', server] : ['tools'];
    const message =
      profile.caps['approvals'] === 0
        ? `${server} is production, and budgets.session.approvals is 0: nobody can be asked, and no session ever reaches it`
        : `${server} is production: each session waits for a person before it reaches it`;
    return document.keyProblem(place, message);
  });
