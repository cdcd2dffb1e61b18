import { useId } from 'react';
import { numberOf } from '../address/provision';
import type { Name } from '../api/names';
import { useTexts } from '../texts/useTexts';

interface Props {
  provisions: readonly Name[];
  chosen: string; // empty: none yet
  choose: (code: string) => void;
}

export function ProvisionSelect({ provisions, chosen, choose }: Props) {
  const { t } = useTexts();
  // A label around it would take the chosen provision into its name.
  const label = useId();
  return (
    <div className="field">
      <span id={label} className="label">
        {t('dimension.provision')}
      </span>
      <select aria-labelledby={label} className="input" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{t('sharing.choose')}</option>
        {provisions.map(({ code, name }) => (
          <option key={code} value={code}>
            {numberOf(code)} {name}
          </option>
        ))}
      </select>
    </div>
  );
}
