// Who may see what a State answers: its decisions, read and made.
import type { AudienceCode } from '../address/dimensions';
import type { SharingDecision } from './generated/uncac/checklist/v1/checklist_pb';
import { Audience } from './generated/uncac/common/v1/common_pb';
import { toAudience, toAudienceCode } from './needs';
import { checklistIntake } from './transport';

export interface Choice {
  audience: AudienceCode;
  named: string[]; // codes of providers, for NAMED
  until: string; // last day it holds; empty = no end
}

export interface Decision extends Choice {
  provision: string;
  recordedAt: string;
  suspended: boolean; // what held before a restore waits for the State to say so again
}

function toDecision(message: SharingDecision): Decision {
  return {
    provision: message.provision,
    audience: toAudienceCode(message.audience) ?? 'RESTRICTED',
    named: [...message.named].sort(),
    until: message.until,
    recordedAt: message.recordedAt,
    suspended: message.suspended !== undefined && message.suspended.audience !== Audience.UNSPECIFIED,
  };
}

export async function listSharing(state: string, signal: AbortSignal): Promise<Decision[]> {
  const reply = await checklistIntake.listSharing({ state }, { signal });
  return reply.decisions.map(toDecision);
}

export interface SharingChanged {
  decisions: Decision[];
  changed: number;
  versionToken: string;
}

/** @param choice undefined: what held before a restore holds again */
export async function setSharing(
  state: string,
  provisions: string[],
  choice: Choice | undefined,
  reason: string,
  dryRun: boolean,
): Promise<SharingChanged> {
  const reply = await checklistIntake.setSharing({
    state,
    provisions,
    reason,
    dryRun,
    ...(choice
      ? { choice: { audience: toAudience[choice.audience], named: choice.audience === 'NAMED' ? choice.named : [], until: choice.until } }
      : { reinstate: true }),
  });
  return { decisions: reply.decisions.map(toDecision), changed: reply.changed, versionToken: reply.versionToken };
}

/** As a checklist file and the import write it: "NAMED:EX1|EX2". */
export const audienceText = ({ audience, named }: Pick<Choice, 'audience' | 'named'>): string =>
  audience === 'NAMED' ? `NAMED:${named.join('|')}` : audience;

/** "ex1, EX2" → EX1, EX2. */
export const providerCodes = (text: string): string[] =>
  [...new Set(text.toUpperCase().split(/[\s,;|]+/).filter((code) => /^[A-Z0-9-]{1,32}$/.test(code)))].sort();
