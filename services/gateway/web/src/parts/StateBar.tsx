import { type NeedState, needStates } from '../address/dimensions';

const gap = 2;

interface Props {
  parts: Record<NeedState, number>;
  whole: number; // what the full width stands for
  label: string;
  width?: number;
}

/** States or provisions by need state, always in the same order; told by pattern as well as by colour. */
export function StateBar({ parts, whole, label, width = 240 }: Props) {
  let at = 0;
  return (
    <svg className="state-bar" viewBox={`0 0 ${width} 16`} preserveAspectRatio="none" role="img" aria-label={label}>
      {needStates.map((state) => {
        const length = (parts[state] / Math.max(whole, 1)) * width;
        const start = at;
        at += length;
        if (length <= 0) return null;
        const solid = state === 'STATED';
        const inset = solid ? 0 : 0.5;
        return (
          <rect
            key={state}
            className={`need-${state}`}
            x={start + inset}
            y={inset}
            width={Math.max(length - gap - 2 * inset, 0.75)}
            height={16 - 2 * inset}
          />
        );
      })}
    </svg>
  );
}
