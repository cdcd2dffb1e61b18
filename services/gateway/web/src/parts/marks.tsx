// The signs of the design: need states are squares, coverage is discs, an audience is a ladder of four
// steps. Each is told by shape and pattern too, and stands beside its word.
import type { AudienceCode, Coverage, NeedState } from '../address/dimensions';
import { audiences } from '../address/dimensions';

/** The fill patterns that squares and bars share; once on every page, before anything that uses them. */
export function PatternDefinitions() {
  return (
    <svg className="definitions" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="pattern-unanswered" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect width="5" height="5" className="pattern-ground" />
          <circle cx="1.4" cy="1.4" r=".9" className="pattern-dot" />
          <circle cx="3.9" cy="3.9" r=".9" className="pattern-dot" />
        </pattern>
        <pattern id="pattern-withheld" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" className="pattern-ground" />
          <path d="M2.5 0v5" strokeWidth="1.3" className="pattern-hatch" />
        </pattern>
        {(
          [
            ['offered', 7, 1],
            ['planned', 6, 2.2],
            ['ongoing', 6, 4],
          ] as const
        ).map(([name, size, thick]) => (
          <pattern key={name} id={`pattern-${name}`} width={size} height={size} patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
            <rect width={size} height={size} className="pattern-ground" />
            <path d={`M${size / 2} 0v${size}`} strokeWidth={thick} className="pattern-stripe" />
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

export function NeedMark({ state, className = '' }: { state: NeedState; className?: string }) {
  return (
    <svg className={`mark ${className}`} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <rect x=".5" y=".5" width="11" height="11" rx="1" className={`need-${state}`} />
    </svg>
  );
}

const discs: Record<Coverage, string> = {
  UNADDRESSED: '',
  OFFERED: 'M6 4.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  PLANNED: 'M6 6V.8A5.2 5.2 0 0 1 11.2 6z',
  ONGOING: 'M6 .8a5.2 5.2 0 0 1 0 10.4z',
  DELIVERED: 'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8',
  RESOLVED: 'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8',
};

export function CoverageMark({ coverage }: { coverage: Coverage }) {
  return (
    <svg className={`mark coverage-mark ${coverage}`} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <circle cx="6" cy="6" r="5.2" className="disc" />
      {discs[coverage] && <path d={discs[coverage]} className="disc-part" />}
      {coverage === 'RESOLVED' && <path d="M3.4 6.2l1.9 1.9 3.4-4" className="disc-tick" />}
    </svg>
  );
}

export function AudienceLadder({ audience }: { audience: AudienceCode }) {
  const steps = audiences.indexOf(audience) + 1;
  return (
    <svg className="ladder" viewBox="0 0 52 10" aria-hidden="true" focusable="false">
      {audiences.map((step, at) => (
        <rect key={step} x={at * 13 + 0.5} y=".5" width="11" height="9" className={at < steps ? 'on' : ''} />
      ))}
    </svg>
  );
}
