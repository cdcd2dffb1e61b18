// A row of choices of which one holds: radio buttons in the dress of a control.
import { type ReactNode, useId } from 'react';

interface Props<Value extends string> {
  name: string;
  choices: readonly { value: Value; label: ReactNode }[];
  chosen: Value;
  choose: (value: Value) => void;
  quiet?: boolean;
}

export function Segmented<Value extends string>({ name, choices, chosen, choose, quiet = false }: Props<Value>) {
  const group = useId();
  return (
    <div className={quiet ? 'segmented quiet-segments' : 'segmented'} role="radiogroup" aria-label={name}>
      {choices.map(({ value, label }) => (
        <label key={value}>
          <input type="radio" name={group} value={value} checked={value === chosen} onChange={() => choose(value)} />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}
