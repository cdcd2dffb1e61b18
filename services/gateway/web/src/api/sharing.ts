// Who may see what a State answers: its decisions, read and made.
import type { SharingDecision } from './generated/uncac/checklist/v1/checklist_pb';
import { Audience } from './generated/uncac/common/v1/common_pb';
import { toAudience, toAudienceCode } from './needs';
import type { Choice, Decision } from './sharing-text';
import { checklistIntake } from './intake';

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
