// The question as a sentence, each part of it a list to choose from.
import { useState } from 'react';
import { columnDimensions, dimensions, type Dimension, measures } from '../../address/dimensions';
import { conditionOf, type Question, withCondition } from '../../address/question';
import { type Name, useNames } from '../../api/names';
import { choicesOf, Listbox } from '../../parts/Listbox';
import { Sentence } from '../../parts/Sentence';
import { slot } from '../../texts/sentence';
import { useTexts } from '../../texts/useTexts';
import type { Stop } from './asOfStops';
import { AddCondition, ConditionTags } from './Conditions';

interface Props {
  question: Question;
  ask: (question: Question) => void;
  stops: readonly Stop[];
  rounds: readonly Name[];
  today: string;
  answered: boolean;
}

export function QuestionLine({ question, ask, stops, rounds, today, answered }: Props) {
  const { t, language, format } = useTexts();
  const chosenTypes = conditionOf(question.where, 'type');
  // For the list that opens; the answer comes first.
  const types = useNames('type', language, answered || chosenTypes.length > 0);
  const chosenRounds = conditionOf(question.where, 'round');
  const condition = (dimension: Dimension) => (values: readonly string[]) =>
    ask({ ...question, where: withCondition(question.where, dimension, values) });

  const slots = {
    measure: (
      <Listbox
        className="q"
        name={t('question.measure.name')}
        choices={measures.map((measure) => ({ value: measure, label: t(`question.measure.${measure}`), detail: t(`question.measure.${measure}.detail`) }))}
        chosen={[question.measure]}
        choose={([measure]) => ask({ ...question, measure: measures.find((one) => one === measure) ?? question.measure })}
      >
        {t(`question.measure.${question.measure}`)}
      </Listbox>
    ),
    types: (
      <Listbox
        className="q"
        name={t('dimension.type')}
        several
        none={t('question.anyType')}
        choices={choicesOf(types)}
        chosen={chosenTypes}
        choose={condition('type')}
      >
        {chosenTypes.length === 0 ? t('question.anyType') : format.list(chosenTypes.map(types.of))}
      </Listbox>
    ),
    rows: (
      <Listbox
        className="q"
        name={t('question.rows.name')}
        choices={dimensions.map((dimension) => ({ value: dimension, label: t(`question.by.${dimension}`) }))}
        chosen={[question.rows]}
        choose={([rows]) => {
          const found = dimensions.find((one) => one === rows) ?? question.rows;
          ask({ ...question, rows: found, columns: found === question.columns ? '' : question.columns });
        }}
      >
        {t(`question.by.${question.rows}`)}
      </Listbox>
    ),
    columns: (
      <Listbox
        className="q"
        name={t('question.columns.name')}
        choices={[
          { value: '', label: t('question.alone') },
          ...columnDimensions.filter((dimension) => dimension !== question.rows).map((dimension) => ({ value: dimension, label: t(`question.by.${dimension}`) })),
        ]}
        chosen={[question.columns]}
        choose={([columns]) => ask({ ...question, columns: columnDimensions.find((one) => one === columns) ?? '' })}
      >
        {question.columns ? t(`question.by.${question.columns}`) : t('question.alone')}
      </Listbox>
    ),
    rounds: (
      <Listbox
        className="q"
        name={t('dimension.round')}
        several
        none={t('question.latest')}
        choices={rounds.map(({ code, name }) => ({ value: code, label: t('question.round', { round: name }) }))}
        chosen={chosenRounds}
        choose={condition('round')}
      >
        {chosenRounds.length === 0 ? t('question.latest') : t('question.rounds', { rounds: format.list(chosenRounds) })}
      </Listbox>
    ),
    day: (
      <Listbox
        className="q"
        name={t('asOf.label')}
        choices={[...stops].reverse().map(({ day }) => ({ value: day, label: day ? format.day(day) : t('asOf.today', { day: format.day(today) }) }))}
        chosen={[question.asOf]}
        choose={([asOf]) => ask({ ...question, asOf: asOf ?? '' })}
        footer={<OtherDay asOf={question.asOf || today} today={today} take={(asOf) => ask({ ...question, asOf })} />}
      >
        {format.day(question.asOf || today)}
      </Listbox>
    ),
  };
  const names = Object.fromEntries(Object.keys(slots).map((name) => [name, slot(name)]));

  return (
    <>
      <h1 className="question">
        <Sentence
          text={t(`question.sentence.${question.measure}`, { ...names, second: question.columns ? 'yes' : 'no' })}
          slots={slots}
        />{' '}
        <AddCondition where={question.where} change={(where) => ask({ ...question, where })} />
      </h1>
      <ConditionTags where={question.where} change={(where) => ask({ ...question, where })} />
    </>
  );
}

function OtherDay({ asOf, today, take }: { asOf: string; today: string; take: (day: string) => void }) {
  const { t } = useTexts();
  const [day, setDay] = useState(asOf);
  const valid = day >= '2003-01-01' && day <= today;
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) take(day === today ? '' : day);
      }}
    >
      <label htmlFor="other-day">{t('asOf.other')}</label>
      <div className="links">
        <input id="other-day" className="input" type="date" min="2003-01-01" max={today} value={day} onChange={(event) => setDay(event.currentTarget.value)} />
        <button type="submit" className="button" aria-disabled={!valid}>
          {t('asOf.show')}
        </button>
      </div>
    </form>
  );
}
