// Who may see the answers of a submission: one choice, and others for single provisions.
import { useState } from 'react';
import { numberOf } from '../../address/provision';
import { useProvisionNames } from '../../api/names';
import { Icon } from '../../parts/Icon';
import { Link } from '../../parts/Link';
import { ProvisionSelect } from '../../parts/ProvisionSelect';
import { useTexts } from '../../texts/useTexts';
import { AudienceChoice, noChoice, type Sharing } from './AudienceChoice';

/** By provision, in the order in which they were made. */
export type Exceptions = ReadonlyMap<string, Sharing>;

interface Props {
  state: string;
  sharing: Sharing;
  change: (sharing: Sharing) => void;
  asBefore: boolean; // every provision of the file has a decision in force, or its row names one
  provisions: readonly string[]; // of the file; none while there is no file whose rows the page can write
  exceptions: Exceptions;
  except: (exceptions: Exceptions) => void;
}

export function SharingStep({ state, sharing, change, asBefore, provisions, exceptions, except }: Props) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <AudienceChoice legend={<span className="unseen">{t('response.step.sharing')}</span>} sharing={sharing} change={change} asBefore={asBefore} />
      <p className="links">
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'plus'} />
          {t('response.exceptions')}
        </button>
        <Link className="link" href={`/country/${state}?as=provider:ALL-PROVIDERS`}>
          <Icon name="eye" />
          {t('response.preview')}
        </Link>
      </p>
      {(open || exceptions.size > 0) && <ExceptionList provisions={provisions} exceptions={exceptions} except={except} />}
    </>
  );
}

function ExceptionList({ provisions, exceptions, except }: Pick<Props, 'provisions' | 'exceptions' | 'except'>) {
  const { t, language } = useTexts();
  const names = useProvisionNames(language);
  const titleOf = (code: string) => `${numberOf(code)} ${names.of(code)}`;
  if (provisions.length === 0) return <p className="small quiet">{t('response.exceptions.noRows')}</p>;
  return (
    <div className="stack">
      <ProvisionSelect
        provisions={names.list.filter(({ code }) => provisions.includes(code) && !exceptions.has(code))}
        chosen=""
        choose={(code) => except(new Map([...exceptions, [code, noChoice]]))}
      />
      <p className="small quiet">{t('response.exceptions.text')}</p>
      {[...exceptions].map(([code, own]) => (
        <div key={code} className="stack exception">
          <AudienceChoice legend={titleOf(code)} sharing={own} change={(next) => except(new Map([...exceptions, [code, next]]))} />
          <p>
            <button type="button" className="link" onClick={() => except(new Map([...exceptions].filter(([other]) => other !== code)))}>
              <Icon name="close" />
              {t('response.exceptions.remove', { provision: numberOf(code) })}
            </button>
          </p>
        </div>
      ))}
    </div>
  );
}
