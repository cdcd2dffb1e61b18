// A version as it was filed; every version stays readable.
import { useState } from 'react';
import { chapterOf, chapters, numberOf } from '../../address/provision';
import { useAnswer } from '../../api/answer';
import { useNames } from '../../api/names';
import type { Priority } from '../../address/dimensions';
import { type Answer, getResponse, type ResponseSummary } from '../../api/responses';
import { Dialog } from '../../parts/Dialog';
import { download } from '../../parts/download';
import { FailureNotice } from '../../parts/FailureNotice';
import { Icon } from '../../parts/Icon';
import { Segmented } from '../../parts/Segmented';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';
import { writeCsv } from './checklist-csv';
import { fileName } from './FileSteps';

interface Props {
  response: ResponseSummary;
  version: number;
  close: () => void;
}

export function ReadResponse({ response, version, close }: Props) {
  const { t, format } = useTexts();
  const { state, checklist, round } = response;
  const [chapter, setChapter] = useState('');
  const answer = useAnswer(`response ${state} ${checklist} ${round} v${version}`, (signal) => getResponse(response, version, signal));
  const full = answer.value;
  const there = chapters.filter((one) => full?.answers.some(({ provision }) => chapterOf(provision) === one));
  const shown = full?.answers.filter(({ provision }) => !chapter || chapterOf(provision) === chapter) ?? [];
  return (
    <Dialog
      kind="box"
      above={
        <>
          <bdi>{checklist}</bdi> {round}
        </>
      }
      title={t('response.versionOf', { version, day: format.day(full?.submittedOn ?? response.submittedOn) })}
      close={close}
    >
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!full && !answer.failure && <SkeletonRows rows={8} />}
      {full && (
        <>
          <div className="links spread">
            <Segmented
              name={t('dimension.chapter')}
              choices={[{ value: '', label: t('response.answers', { count: full.answers.length }) }, ...there.map((one) => ({ value: one, label: <bdi>{one}</bdi> }))]}
              chosen={chapter}
              choose={setChapter}
            />
            <button type="button" className="link" onClick={() => download(fileName(state, checklist, round, version), writeCsv(full), 'text/csv;charset=utf-8')}>
              <Icon name="download" />
              {t('response.asCsv')}
            </button>
          </div>
          <ul className="answers">
            {shown.map((one) => (
              <AnswerLine key={one.provision} answer={one} />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function AnswerLine({ answer }: { answer: Answer }) {
  const { t, language, format } = useTexts();
  const provisions = useNames('provision', language);
  const types = useNames('type', language);
  const challenges = useNames('challenge', language);
  const typeName = (code: string) => (code === 'NO_ASSISTANCE_REQUIRED' ? t('answer.noAssistance') : types.of(code));
  const priority = (code: Priority | undefined) => (code ? ` (${t('since.priority', { priority: t(`priority.${code}`) })})` : '');
  return (
    <li>
      <p className="provision">
        <b>
          <bdi>{numberOf(answer.provision)}</bdi>
        </b>
        <span>
          {provisions.of(answer.provision)} · <b>{t(`compliance.${answer.compliance}`)}</b>
        </span>
      </p>
      <dl>
        {answer.measures && (
          <div>
            <dt>{t('answer.measures')}</dt>
            <dd lang={answer.language || undefined} dir="auto">
              {answer.measures}
            </dd>
          </div>
        )}
        {(answer.challenges.length > 0 || answer.challengesText) && (
          <div>
            <dt>{t('answer.challenges')}</dt>
            <dd>
              {format.list(answer.challenges.map(challenges.of))}
              {answer.challengesText && (
                <span className="block" lang={answer.language || undefined} dir="auto">
                  {answer.challengesText}
                </span>
              )}
            </dd>
          </div>
        )}
        {answer.needed.length > 0 && (
          <div>
            <dt>{t('answer.needed')}</dt>
            <dd>
              {answer.needed.map((need) => (
                <span key={need.type} className="block">
                  {typeName(need.type)}
                  {priority(need.priority)}
                  {need.text && (
                    <span lang={answer.language || undefined} dir="auto">
                      {' '}
                      {need.text}
                    </span>
                  )}
                </span>
              ))}
            </dd>
          </div>
        )}
        {answer.receivedFrom.length > 0 && (
          <div>
            <dt>{t('answer.received')}</dt>
            <dd>
              {format.list(answer.receivedFrom)}
              {answer.receivedTypes.length > 0 && ` · ${format.list(answer.receivedTypes.map(typeName))}`}
            </dd>
          </div>
        )}
      </dl>
    </li>
  );
}
