import { CardsHead } from '../../parts/CardsHead';
import type { ResponseSummary } from '../../api/responses';
import { useTexts } from '../../texts/useTexts';

/** How many items each checklist asks about; a new checklist shows without this until it is known here. */
export const itemsOf: Record<string, number> = { 'uncac-2007': 15, 'uncac-comprehensive': 188 };

interface Props {
  responses: readonly ResponseSummary[];
  read: (response: ResponseSummary) => void;
  amend: (response: ResponseSummary) => void;
  withdraw: (response: ResponseSummary) => void;
}

export function ResponsesTable({ responses, read, amend, withdraw }: Props) {
  const { t, format } = useTexts();
  const year = new Date().getUTCFullYear();
  const rows = [...responses].sort((left, right) => right.round - left.round || left.checklist.localeCompare(right.checklist));
  const open = responses.some((response) => response.round === year) ? [] : ['uncac-comprehensive'];
  return (
    <table className="responses cards" role="table">
      <caption className="unseen">{t('response.list')}</caption>
      <CardsHead
        columns={(['checklist', 'round', 'status', 'answered', 'newest', 'actions'] as const).map((column) => ({
          title: t(`response.column.${column}`),
          number: column === 'actions',
        }))}
      />
      <tbody role="rowgroup">
        {open.map((checklist) => (
          <tr key={checklist} role="row" className="open-row">
            <th scope="row" role="rowheader">
              <b>
                <bdi>{checklist}</bdi>
              </b>
            </th>
            <td role="cell">{year}</td>
            <td role="cell">{t('response.status.open')}</td>
            <td role="cell" data-label={t('response.column.answered')}>
              {t('cell.valueOfBase', { value: 0, base: itemsOf[checklist] ?? 0 })}
            </td>
            <td role="cell">{t('response.noVersion')}</td>
            <td role="cell" className="number whole">
              <a className="link" href="#file">
                {t('response.begin')}
              </a>
            </td>
          </tr>
        ))}
        {rows.map((response) => {
          const { checklist, round, status, answers, version, submittedOn } = response;
          const items = itemsOf[checklist];
          const which = `${checklist} ${round}`;
          return (
            <tr key={which} role="row">
              <th scope="row" role="rowheader">
                <b>
                  <bdi>{checklist}</bdi>
                </b>
              </th>
              <td role="cell">{round}</td>
              <td role="cell">
                {status === 'WITHDRAWN'
                  ? t('response.status.withdrawnOn', { day: format.day(response.withdrawnOn) })
                  : t(`response.status.${status}`)}
              </td>
              <td role="cell" data-label={t('response.column.answered')}>
                {items === undefined ? format.number(answers) : t('cell.valueOfBase', { value: answers, base: items })}
              </td>
              <td role="cell">{t('response.versionOf', { version, day: format.day(submittedOn) })}</td>
              <td role="cell" className="number whole">
                <span className="links row-actions">
                  <button type="button" className="link" onClick={() => read(response)}>
                    {t('response.read')}
                    <span className="unseen"> {which}</span>
                  </button>
                  <button type="button" className="link" onClick={() => amend(response)}>
                    {t('response.amend')}
                    <span className="unseen"> {which}</span>
                  </button>
                  {status === 'SUBMITTED' && (
                    <button type="button" className="link" onClick={() => withdraw(response)}>
                      {t('response.withdraw.verb')}
                      <span className="unseen"> {which}</span>
                    </button>
                  )}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
