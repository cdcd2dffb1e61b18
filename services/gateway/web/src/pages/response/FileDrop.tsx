import { useRef, useState } from 'react';
import { Icon } from '../../parts/Icon';
import { useTexts } from '../../texts/useTexts';
import type { Dropped } from './FileSteps';

export function FileDrop({ dropped, take }: { dropped: Dropped | undefined; take: (file: File) => void }) {
  const { t, format } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    // Dropping is another way of what the button does.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={over ? 'file-drop over' : 'file-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) take(file);
      }}
    >
      <Icon name="file" />
      <div className="grow">
        {dropped ? (
          <>
            <p className="strong">
              <bdi>{dropped.file.name}</bdi>
            </p>
            <p className="quiet">
              {[
                ...(dropped.table ? [t('response.rows', { count: dropped.table.records.length })] : []),
                t('response.readAt', { time: format.clock(dropped.at) }),
              ].join(' · ')}
              {' · SHA-256 '}
              <bdi className="code" title={dropped.digest}>
                {dropped.digest.slice(0, 4)}…{dropped.digest.slice(-4)}
              </bdi>
            </p>
          </>
        ) : (
          <>
            <p className="strong">{t('response.drop.title')}</p>
            <p className="quiet">{t('response.drop.text')}</p>
          </>
        )}
      </div>
      <input
        ref={input}
        className="unseen"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // The same file, mended, must be a change too.
          event.currentTarget.value = '';
          if (file) take(file);
        }}
      />
      <button type="button" className="button" onClick={() => input.current?.click()}>
        {dropped ? t('response.drop.another') : t('response.drop.choose')}
      </button>
    </div>
  );
}
