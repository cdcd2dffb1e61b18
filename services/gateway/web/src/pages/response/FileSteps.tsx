// The four steps of a file: dropped, checked without effect, shared as chosen, submitted.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Failure, toFailure } from '../../api/errors';
import { importFile, type ImportResult } from '../../api/importing';
import { getResponse, type ResponseSummary } from '../../api/responses';
import type { Need } from '../../api/needs';
import { audienceText, type Choice } from '../../api/sharing-text';
import { download } from '../../parts/download';
import { FailureNotice } from '../../parts/FailureNotice';
import { Icon } from '../../parts/Icon';
import { Notice } from '../../parts/Notice';
import { useTexts } from '../../texts/useTexts';
import { chosenOf, noChoice, type Sharing } from './AudienceChoice';
import { provisionsOf, readCsv, type Table, withAudiences, writeCsv } from './checklist-csv';
import { Effect } from './Effect';
import { FileDrop } from './FileDrop';
import { type Exceptions, SharingStep } from './SharingStep';
import { Problems } from './Problems';

interface Props {
  state: string;
  responses: readonly ResponseSummary[];
  standing: readonly Need[];
  amending: ResponseSummary | undefined;
  filed: (text: string) => void;
}

export interface Dropped {
  file: File;
  digest: string; // SHA-256, hexadecimal
  table: Table | undefined; // undefined for what only the service reads, such as a workbook
  at: Date;
}

const checkAgainSeconds = 5;

async function take(file: File): Promise<Dropped> {
  const bytes = await file.arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const digest = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { file, digest, table: /\.xlsx$/i.test(file.name) ? undefined : tableOf(bytes), at: new Date() };
}

/** None of what is not UTF-8: written again it would be another text. */
function tableOf(bytes: ArrayBuffer): Table | undefined {
  try {
    return readCsv(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** What is sent: the file itself unless a provision is an exception. */
function fileWith({ file, table }: Dropped, exceptions: Exceptions): File {
  const choices = new Map<string, Choice>();
  for (const [code, own] of exceptions) {
    const chosen = chosenOf(own);
    if (chosen) choices.set(code, chosen);
  }
  return table && choices.size > 0 ? new File([withAudiences(table, choices)], file.name, { type: 'text/csv' }) : file;
}

export function FileSteps({ state, responses, standing, amending, filed }: Props) {
  const { t, format } = useTexts();
  const [dropped, setDropped] = useState<Dropped>();
  const [checked, setChecked] = useState<ImportResult>();
  const [checking, setChecking] = useState(false);
  const [failure, setFailure] = useState<Failure>(); // of the check
  const [tries, setTries] = useState(0);
  const [sendFailure, setSendFailure] = useState<Failure>();
  const [keepGood, setKeepGood] = useState(false);
  const [sharing, setSharing] = useState<Sharing>(noChoice);
  const [allExceptions, setExceptions] = useState<Exceptions>(new Map());
  const [sending, setSending] = useState(false);
  const sharingStep = useRef<HTMLHeadingElement>(null);

  const chosen = chosenOf(sharing);
  const complete = chosen !== undefined || sharing.choice === 'AS_BEFORE';
  const audience = chosen ? audienceText(chosen) : '';
  const audienceUntil = chosen?.until ?? '';
  const provisions = useMemo(() => (dropped?.table ? provisionsOf(dropped.table) : []), [dropped]);
  // Those of the file before that this one has no row for have no meaning here.
  const exceptions = useMemo(() => new Map([...allExceptions].filter(([code]) => provisions.includes(code))), [allExceptions, provisions]);
  const file = useMemo(() => dropped && fileWith(dropped, exceptions), [dropped, exceptions]);
  const open = [...exceptions.values()].filter((own) => !chosenOf(own));

  const anew = useCallback(() => setTries((before) => before + 1), []);
  // Checked anew whenever the file or the choice changes; nothing is sent for good.
  useEffect(() => {
    if (!file) return;
    const cut = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    setChecking(true);
    setFailure(undefined);
    setSendFailure(undefined);
    const timer = setTimeout(() => {
      importFile(file, { dryRun: true, keepGood, audience, audienceUntil }, cut.signal).then(
        (result) => {
          setChecked(result);
          setChecking(false);
        },
        (error: unknown) => {
          if (cut.signal.aborted) return;
          const failed = toFailure(error);
          setFailure(failed);
          setChecking(false);
          // A check files nothing, so it may be asked again by itself.
          if (failed.retry) again = setTimeout(anew, checkAgainSeconds * 1000);
        },
      );
    }, 150);
    window.addEventListener('online', anew);
    return () => {
      clearTimeout(timer);
      clearTimeout(again);
      window.removeEventListener('online', anew);
      cut.abort();
    };
  }, [file, keepGood, audience, audienceUntil, tries, anew]);

  // That nobody has chosen yet is no mistake in the file: the third step asks for it.
  const problems = checked?.problems.filter(({ rule }) => rule !== 'sharing-not-chosen') ?? [];
  const mustChoose = (checked?.problems.length ?? 0) > problems.length;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const good = checked?.responses.filter(({ outcome }) => outcome !== undefined) ?? [];
  const foreign = checked?.responses.filter((response) => response.state !== state) ?? [];
  const unchanged = good.length > 0 && good.every(({ outcome }) => outcome === 'UNCHANGED');

  const missing = [
    ...(!dropped ? [t('response.before.file')] : []),
    ...(errors.length > 0 && !(keepGood && good.length > 0) ? [t('response.before.errors', { count: errors.length })] : []),
    ...(foreign.length > 0 ? [t('response.before.foreign')] : []),
    ...(sharing.choice === '' ? [t('response.before.choice')] : []),
    ...(sharing.choice === 'NAMED' && !chosen ? [t('sharing.missing.provider')] : []),
    ...(sharing.choice === 'AS_BEFORE' && mustChoose ? [t('response.before.asBefore')] : []),
    ...(open.length > 0 ? [t('response.before.exceptions')] : []),
    ...(unchanged ? [t('response.before.unchanged')] : []),
    ...(failure ? [t('response.before.check')] : []),
  ];
  const ready = file !== undefined && checked !== undefined && missing.length === 0 && !checking && !sending && !failure;

  const submit = () => {
    if (!ready) return;
    setSending(true);
    setSendFailure(undefined);
    importFile(file, { dryRun: false, keepGood, audience, audienceUntil }).then(
      (result) => {
        setSending(false);
        const done = result.responses.filter(({ outcome }) => outcome !== undefined);
        if (done.length === 0) {
          setChecked(result);
          return;
        }
        setDropped(undefined);
        setChecked(undefined);
        setSharing(noChoice);
        setExceptions(new Map());
        setKeepGood(false);
        filed(
          format.list(
            done.map(({ checklist, round, version, outcome }) =>
              t(`response.outcome.${outcome ?? 'SUBMITTED'}`, { checklist, round: String(round), version }),
            ),
          ),
        );
      },
      (error: unknown) => {
        setSending(false);
        setSendFailure(toFailure(error));
      },
    );
  };

  const stepClass = (done: boolean, now: boolean) => (done ? 'done' : now ? 'now' : '');
  const fileDone = dropped !== undefined;
  const checkDone = fileDone && checked !== undefined && (errors.length === 0 || (keepGood && good.length > 0));
  const versionText = good.length === 1 && good[0] ? t('response.submit.version', { version: good[0].version, round: String(good[0].round) }) : t('response.submit.verb');

  return (
    <ol className="steps">
      <li className={stepClass(fileDone, !fileDone)}>
        <StepNumber number={1} done={fileDone} />
        <div className="stack">
          <h2 id="file">{t('response.step.file')}</h2>
          {amending && !dropped && <AmendNotice response={amending} />}
          <FileDrop
            dropped={dropped}
            take={(file) => {
              setChecked(undefined);
              void take(file).then(setDropped);
            }}
          />
        </div>
      </li>
      <li className={stepClass(checkDone, fileDone && !checkDone)}>
        <StepNumber number={2} done={checkDone} />
        <div className="stack">
          <div>
            <h2>
              {!checked
                ? t('response.step.check')
                : t('response.step.checked', { errors: errors.length, warnings: problems.length - errors.length })}
            </h2>
            <p className="small quiet" role="status">
              {checking ? t('response.checking') : checked ? t('response.dryRun', { rows: checked.rows, answers: checked.answers }) : t('response.checkText')}
            </p>
          </div>
          {failure && <FailureNotice failure={failure} reload={anew} />}
          {checked && problems.length > 0 && <Problems problems={problems} table={dropped?.table} leftOut={checked.problemsLeftOut} />}
          {checked && good.length > 0 && (
            <ul className="outcomes small">
              {good.map((response) => (
                <li key={`${response.checklist} ${response.round}`}>
                  {t(`response.would.${response.outcome ?? 'SUBMITTED'}`, {
                    checklist: response.checklist,
                    round: String(response.round),
                    version: response.version,
                    answers: response.answers,
                    decisions: response.sharingDecisions,
                  })}
                </li>
              ))}
            </ul>
          )}
          {errors.length > 0 && (
            <label className="pick">
              <input type="checkbox" checked={keepGood} onChange={(event) => setKeepGood(event.currentTarget.checked)} />
              <span>
                {t('response.keepGood')}
                <small>{t('response.keepGoodHint')}</small>
              </span>
            </label>
          )}
          {checked && dropped?.table && <Effect table={dropped.table} standing={standing} responses={responses} />}
        </div>
      </li>
      <li className={stepClass(complete && open.length === 0, checkDone && !complete)}>
        <StepNumber number={3} done={complete} />
        <div className="stack">
          <div>
            <h2 ref={sharingStep}>{t('response.step.sharing')}</h2>
            <p className="small quiet">{t('response.sharingText')}</p>
          </div>
          <SharingStep
            state={state}
            sharing={sharing}
            change={setSharing}
            asBefore={checked !== undefined && !mustChoose}
            provisions={provisions}
            exceptions={exceptions}
            except={setExceptions}
          />
        </div>
      </li>
      <li className={stepClass(false, checkDone && complete)}>
        <StepNumber number={4} done={false} />
        <div className="stack">
          <div>
            <h2>{t('response.step.submit')}</h2>
            <p className="small quiet">{t('response.submitText')}</p>
          </div>
          {missing.length > 0 && (
            <div id="before-submitting">
              <Notice title={t('response.before.title')}>
                <ul className="plain-list">
                  {missing.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </Notice>
            </div>
          )}
          {sendFailure && <NotSent failure={sendFailure} />}
          <p>
            <button
              type="button"
              className="button main"
              aria-disabled={!ready}
              aria-describedby={missing.length > 0 ? 'before-submitting' : undefined}
              onClick={submit}
            >
              {sending ? t('response.submit.sending') : sendFailure ? t('failure.again') : versionText}
            </button>
          </p>
        </div>
      </li>
    </ol>
  );
}

function StepNumber({ number, done }: { number: number; done: boolean }) {
  return <span className="step-number">{done ? <Icon name="check" /> : number}</span>;
}

/** Whether it arrived is not known then. It is not sent again by itself: submitting is the reader's act. */
function NotSent({ failure }: { failure: Failure }) {
  const { t } = useTexts();
  if (failure.kind !== 'offline' && failure.kind !== 'unavailable') return <FailureNotice failure={failure} />;
  return (
    <Notice kind="warning" icon={failure.kind === 'offline' ? 'offline' : 'retry'} title={t(`failure.${failure.kind}.title`)} live>
      <p>{t('response.notSent')}</p>
    </Notice>
  );
}

function AmendNotice({ response }: { response: ResponseSummary }) {
  const { t } = useTexts();
  const [failure, setFailure] = useState<Failure>();
  return (
    <Notice kind="info" icon="pen" title={t('response.amending', { checklist: response.checklist, round: String(response.round) })}>
      <p>{t('response.amendingText')}</p>
      <p>
        <button
          type="button"
          className="link"
          onClick={() => {
            getResponse(response, 0).then(
              (full) => download(fileName(full.state, full.checklist, full.round, full.version), writeCsv(full), 'text/csv;charset=utf-8'),
              (error: unknown) => setFailure(toFailure(error)),
            );
          }}
        >
          <Icon name="download" />
          {t('response.newestAsCsv')}
        </button>
      </p>
      {failure && <FailureNotice failure={failure} />}
    </Notice>
  );
}

export const fileName = (state: string, checklist: string, round: number, version: number): string =>
  `${state.toLowerCase()}-${checklist}-${round}-v${version}.csv`;
