// Needs one by one, as the list of the matrix gives them.
import { type AudienceCode, type Coverage, coverages, type Priority, toPriority } from '../address/dimensions';
import type { Condition } from '../address/question';
import type { Language } from '../texts/languages';
import { Audience } from './generated/uncac/common/v1/common_pb';
import type { Need as NeedMessage } from './generated/uncac/needs/v1/needs_pb';
import { needsMatrix } from './transport';

export interface Need {
  key: string;
  state: string;
  provision: string;
  type: string;
  typeText: string; // empty unless the reader reads all of the State
  priority: Priority | undefined; // the State's own
  coverage: Coverage | undefined;
  audience: AudienceCode | undefined;
  named: string[];
  statedOn: string;
  checklist: string;
  round: number;
  version: number; // 0 unless the reader reads all of the State
  exercise: boolean;
}

export interface Needs {
  needs: Need[];
  more: boolean; // beyond the page that was asked for
  position: string;
  exercise: boolean;
}

const audienceCodes: Partial<Record<Audience, AudienceCode>> = {
  [Audience.RESTRICTED]: 'RESTRICTED',
  [Audience.NAMED]: 'NAMED',
  [Audience.PROVIDERS]: 'PROVIDERS',
  [Audience.PUBLIC]: 'PUBLIC',
};
export const toAudienceCode = (audience: Audience): AudienceCode | undefined => audienceCodes[audience];

export const toAudience: Record<AudienceCode, Audience> = {
  RESTRICTED: Audience.RESTRICTED,
  NAMED: Audience.NAMED,
  PROVIDERS: Audience.PROVIDERS,
  PUBLIC: Audience.PUBLIC,
};

export const toCoverage = (code: string): Coverage | undefined => coverages.find((coverage) => coverage === code);

function toNeed(message: NeedMessage): Need {
  return {
    key: message.need,
    state: message.state,
    provision: message.provision,
    type: message.type,
    typeText: message.typeText,
    priority: toPriority(message.statePriority),
    coverage: toCoverage(message.coverage),
    audience: toAudienceCode(message.audience),
    named: message.named,
    statedOn: message.statedOn,
    checklist: message.checklist,
    round: message.round,
    version: message.version,
    exercise: message.exercise,
  };
}

export interface AskNeeds {
  where: readonly Condition[];
  asOf?: string;
  language: Language;
  reader?: string;
  pageSize?: number;
  versionTokens?: string[];
}

export async function askNeeds(ask: AskNeeds, signal?: AbortSignal): Promise<Needs> {
  const reply = await needsMatrix.listNeeds(
    {
      where: ask.where.map(({ dimension, values }) => ({ dimension, values: [...values] })),
      asOf: ask.asOf ?? '',
      pageSize: ask.pageSize ?? 1000,
      language: ask.language,
      reader: ask.reader ?? '',
      ...(ask.versionTokens?.length ? { freshness: { versionTokens: ask.versionTokens } } : {}),
    },
    signal ? { signal } : {},
  );
  return {
    needs: reply.needs.map(toNeed),
    more: reply.nextPageToken !== '',
    position: reply.position,
    exercise: reply.exercise,
  };
}

export interface StateNeeds {
  state: string;
  needs: Need[];
}

/** In the order of the list: States by name. */
export function byState(needs: readonly Need[]): StateNeeds[] {
  const groups: StateNeeds[] = [];
  for (const need of needs) {
    const last = groups.at(-1);
    if (last?.state === need.state) last.needs.push(need);
    else groups.push({ state: need.state, needs: [need] });
  }
  return groups;
}
