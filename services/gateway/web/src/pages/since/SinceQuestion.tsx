import type { Dimension } from '../../address/dimensions';
import { type Condition, conditionOf, withCondition } from '../../address/question';
import { numberOf } from '../../address/provision';
import { useNames } from '../../api/names';
import { choicesOf, Listbox } from '../../parts/Listbox';
import { Sentence } from '../../parts/Sentence';
import { slot } from '../../texts/sentence';
import { useTexts } from '../../texts/useTexts';
import type { Moment } from './visits';

const placeDimensions = ['chapter', 'article'] as const;

function placesChosen(where: readonly Condition[], places: readonly string[]): Condition[] {
  return placeDimensions.reduce<Condition[]>((all, dimension) => {
    const codes = places.flatMap((place) => (place.startsWith(`${dimension} `) ? [place.slice(dimension.length + 1)] : []));
    return withCondition(all, dimension, codes);
  }, [...where]);
}

interface Props {
  where: readonly Condition[];
  last: Moment | undefined;
  everything: boolean;
  mayHaveEverything: boolean;
  answered: boolean;
  change: (where: Condition[]) => void;
  chooseSince: (everything: boolean) => void;
}

export function SinceQuestion({ where, last, everything, mayHaveEverything, answered, change, chooseSince }: Props) {
  const { t, language, format } = useTexts();
  const types = useNames('type', language);
  const states = useNames('state', language);
  // For the lists that open; the answer comes first.
  const chapters = useNames('chapter', language, answered);
  const articles = useNames('article', language, answered);
  const chosen = (dimension: Dimension) => conditionOf(where, dimension);
  const few = (codes: readonly string[], name: (code: string) => string) =>
    codes.length > 3 ? t('condition.several', { count: codes.length }) : format.list(codes.map(name));

  const visit = last ? t('since.lastVisit', { day: format.day(last.at) }) : t('since.firstVisit');
  // Chapters and articles in one list: "chapter II", "article uncac/44".
  const places = placeDimensions.flatMap((dimension) => chosen(dimension).map((code) => `${dimension} ${code}`));
  const placeName = (place: string) => {
    const [dimension, code = ''] = place.split(' ');
    return t(dimension === 'chapter' ? 'since.chapter' : 'since.article', { number: numberOf(code) });
  };
  const slots = {
    types: (
      <Listbox
        className="q"
        name={t('dimension.type')}
        several
        none={t('since.anyNeed')}
        choices={choicesOf(types)}
        chosen={chosen('type')}
        choose={(values) => change(withCondition(where, 'type', values))}
      >
        {chosen('type').length ? few(chosen('type'), types.of) : t('since.anyNeed')}
      </Listbox>
    ),
    states: (
      <Listbox
        className="q"
        name={t('dimension.state')}
        several
        none={t('since.anyState')}
        choices={choicesOf(states)}
        chosen={chosen('state')}
        choose={(values) => change(withCondition(where, 'state', values))}
      >
        {chosen('state').length ? few(chosen('state'), states.of) : t('since.anyState')}
      </Listbox>
    ),
    provisions: (
      <Listbox
        className="q"
        name={t('dimension.provision')}
        several
        none={t('since.anyArticle')}
        choices={[
          ...chapters.list.map(({ code, name }) => ({ value: `chapter ${code}`, label: `${code} ${name}` })),
          ...articles.list.map(({ code, name }) => ({ value: `article ${code}`, label: `${numberOf(code)} ${name}` })),
        ]}
        chosen={places}
        choose={(values) => change(placesChosen(where, values))}
      >
        {places.length ? few(places, placeName) : t('since.anyArticle')}
      </Listbox>
    ),
    since: (
      <Listbox
        className="q"
        name={t('since.from')}
        choices={[
          ...(last || !mayHaveEverything ? [{ value: '', label: visit }] : []),
          // Without a State, article or type this would be every need there is, one by one.
          ...(mayHaveEverything ? [{ value: 'start', label: t('since.start') }] : []),
        ]}
        chosen={[everything ? 'start' : '']}
        choose={([value]) => chooseSince(value === 'start')}
      >
        {everything ? t('since.start') : visit}
      </Listbox>
    ),
  };
  return (
    <h1 className="question">
      <Sentence text={t('since.sentence', { types: slot('types'), states: slot('states'), provisions: slot('provisions'), since: slot('since') })} slots={slots} />
    </h1>
  );
}
