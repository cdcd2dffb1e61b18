// Conditions that narrow a question, beyond those its sentence names.
import { useState } from 'react';
import type { Dimension } from '../../address/dimensions';
import { numberOf } from '../../address/provision';
import { type Condition, conditionOf, withCondition } from '../../address/question';
import { useNames } from '../../api/names';
import { Dialog } from '../../parts/Dialog';
import { Icon } from '../../parts/Icon';
import { Listbox } from '../../parts/Listbox';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';

const offered = [
  'chapter',
  'article',
  'regional_group',
  'subregion',
  'state_set',
  'state',
  'obligation',
  'compliance',
  'challenge',
  'need_state',
] as const;

interface Props {
  where: readonly Condition[];
  change: (where: Condition[]) => void;
  /** Fewer where the service knows fewer. */
  dimensions?: readonly Dimension[];
}

export function AddCondition({ where, change, dimensions = offered }: Props) {
  const { t } = useTexts();
  const [dimension, setDimension] = useState<Dimension>();
  return (
    <>
      <Listbox
        className="add-condition"
        name={t('condition.add')}
        choices={dimensions.map((one) => ({ value: one, label: t(`dimension.${one}`) }))}
        chosen={where.map((condition) => condition.dimension)}
        choose={([value]) => setDimension(dimensions.find((one) => one === value))}
      >
        + {t('condition.add')}
      </Listbox>
      {dimension && (
        <ConditionDialog
          dimension={dimension}
          chosen={conditionOf(where, dimension)}
          close={() => setDimension(undefined)}
          choose={(values) => change(withCondition(where, dimension, values))}
        />
      )}
    </>
  );
}

interface DialogProps {
  dimension: Dimension;
  chosen: readonly string[];
  close: () => void;
  choose: (values: readonly string[]) => void;
}

function ConditionDialog({ dimension, chosen, close, choose }: DialogProps) {
  const { t, language } = useTexts();
  const names = useNames(dimension, language);
  const [values, setValues] = useState<readonly string[]>(chosen);
  const [search, setSearch] = useState('');
  const wanted = search.toLocaleLowerCase();
  const label = (code: string, name: string) => (dimension === 'article' ? `${numberOf(code)} ${name}` : name);
  const shown = names.list.filter(({ code, name }) => label(code, name).toLocaleLowerCase().includes(wanted));
  return (
    <Dialog kind="box" title={t(`dimension.${dimension}`)} above={t('condition.any')} close={close}>
      {names.list.length > 12 && (
        <label className="field">
          <span className="label">{t('condition.search')}</span>
          <input className="input" type="search" value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
        </label>
      )}
      {names.list.length === 0 && <SkeletonRows rows={6} />}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          choose(values);
          close();
        }}
      >
        <fieldset className="condition-values">
          <legend className="unseen">{t(`dimension.${dimension}`)}</legend>
          {shown.map(({ code, name }) => (
            <label key={code} className="pick">
              <input
                type="checkbox"
                checked={values.includes(code)}
                onChange={() => setValues(values.includes(code) ? values.filter((other) => other !== code) : [...values, code])}
              />
              <span>{label(code, name)}</span>
            </label>
          ))}
        </fieldset>
        <footer>
          <button type="button" className="button" onClick={() => setValues([])}>
            {t('condition.none')}
          </button>
          <button type="submit" className="button main">
            {t('condition.ask', { count: values.length })}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** What the sentence does not say; types and rounds stand in it. */
export function ConditionTags({ where, change }: Pick<Props, 'where' | 'change'>) {
  const outside = where.filter(({ dimension }) => dimension !== 'type' && dimension !== 'round');
  if (outside.length === 0) return null;
  return (
    <ul className="conditions">
      {outside.map((condition) => (
        <ConditionTag
          key={condition.dimension}
          condition={condition}
          remove={() => change(withCondition(where, condition.dimension, []))}
        />
      ))}
    </ul>
  );
}

function ConditionTag({ condition, remove }: { condition: Condition; remove: () => void }) {
  const { t, language, format } = useTexts();
  const names = useNames(condition.dimension, language);
  const { dimension, values } = condition;
  const named = values.map((code) => (dimension === 'article' || dimension === 'provision' ? numberOf(code) : names.of(code)));
  const text = t('condition.is', {
    dimension: t(`dimension.${dimension}`),
    values: values.length > 6 ? t('condition.several', { count: values.length }) : format.list(named),
  });
  return (
    <li className="tag">
      {text}
      <button type="button" aria-label={t('condition.remove', { condition: text })} onClick={remove}>
        <Icon name="close" />
      </button>
    </li>
  );
}
