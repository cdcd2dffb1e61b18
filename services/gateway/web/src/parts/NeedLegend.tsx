import { type NeedState, needStates } from '../address/dimensions';
import { useTexts } from '../texts/useTexts';
import { NeedMark } from './marks';

/** @param here which of the five are on the page at all; all, as long as that is not known */
export function NeedLegend({ here }: { here?: ReadonlySet<NeedState> | undefined }) {
  const { t } = useTexts();
  return (
    <ul className="legend">
      {needStates.map((state) => {
        const none = here !== undefined && !here.has(state);
        return (
          <li key={state} className={none ? 'none-here' : ''}>
            <NeedMark state={state} />
            {none ? t('needState.noneHere', { state: t(`needState.${state}`) }) : t(`needState.${state}`)}
          </li>
        );
      })}
    </ul>
  );
}
