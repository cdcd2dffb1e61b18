// Two hundred decisions as the few that a State made: what holds for most, and the exceptions from it,
// by article where the whole article shares one.
import { audiences } from '../../address/dimensions';
import { articleOf, treatyOrder } from '../../address/provision';
import { audienceText, type Choice, type Decision } from '../../api/sharing-text';
import type { Need } from '../../api/needs';

export interface Shared extends Choice {
  provisions: string[]; // what the line stands for; empty: everything else
  since: string; // the newest of the decisions
}

const sameAs = (choice: Choice): string => `${audienceText(choice)} ${choice.until}`;

export function summarise(decisions: readonly Decision[]): { most: Shared | undefined; exceptions: Shared[] } {
  if (decisions.length === 0) return { most: undefined, exceptions: [] };
  const counts = new Map<string, Decision[]>();
  for (const decision of decisions) counts.set(sameAs(decision), [...(counts.get(sameAs(decision)) ?? []), decision]);
  const most = [...counts.values()].sort((left, right) => right.length - left.length)[0] ?? [];
  const usual = most[0];
  if (!usual) return { most: undefined, exceptions: [] };

  const byArticle = new Map<string, Decision[]>();
  for (const decision of decisions) {
    const article = articleOf(decision.provision);
    byArticle.set(article, [...(byArticle.get(article) ?? []), decision]);
  }
  const exceptions: Shared[] = [];
  for (const [article, ofArticle] of byArticle) {
    // The line of an article itself says nothing about its paragraphs.
    const items = ofArticle.length > 1 ? ofArticle.filter(({ provision }) => provision !== article) : ofArticle;
    const different = items.filter((decision) => sameAs(decision) !== sameAs(usual));
    const first = different[0];
    if (!first) continue;
    if (different.length === items.length && different.every((decision) => sameAs(decision) === sameAs(first))) {
      exceptions.push(line([article], different));
    } else {
      for (const decision of different) exceptions.push(line([decision.provision], [decision]));
    }
  }
  exceptions.sort((left, right) => treatyOrder(left.provisions[0] ?? '', right.provisions[0] ?? ''));
  return { most: line([], most), exceptions };
}

function line(provisions: string[], decisions: readonly Decision[]): Shared {
  const { audience = 'RESTRICTED', named = [], until = '' } = decisions[0] ?? {};
  const since = decisions.reduce((newest, { recordedAt }) => (recordedAt > newest ? recordedAt : newest), '');
  return { provisions, audience, named, until, since };
}

export interface Effect {
  gain: number; // needs that more readers would see
  lose: number; // that fewer would
  same: number;
}

/** What a choice would do to the needs that stand under these provisions. */
export function effectOf(needs: readonly Need[], provisions: readonly string[], choice: Choice): Effect {
  const effect: Effect = { gain: 0, lose: 0, same: 0 };
  for (const need of needs) {
    if (!provisions.some((code) => isBelow(need.provision, code))) continue;
    const before = audiences.indexOf(need.audience ?? 'RESTRICTED');
    const after = audiences.indexOf(choice.audience);
    if (before !== after) effect[after > before ? 'gain' : 'lose'] += 1;
    else if (choice.audience !== 'NAMED') effect.same += 1;
    else {
      const more = choice.named.some((code) => !need.named.includes(code));
      const fewer = need.named.some((code) => !choice.named.includes(code));
      if (more) effect.gain += 1;
      if (fewer) effect.lose += 1;
      if (!more && !fewer) effect.same += 1;
    }
  }
  return effect;
}

export function isBelow(provision: string, above: string): boolean {
  return above === 'uncac' || provision === above || provision.startsWith(`${above}.`);
}
