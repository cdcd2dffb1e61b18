import { Segmented } from '../../parts/Segmented';
import { useTexts } from '../../texts/useTexts';

interface Props {
  own: string;
  named: readonly string[]; // providers that the State names anywhere
  reader: string;
  choose: (reader: string) => void;
}

/** The page as others get it. A provider that is named nowhere sees what all providers do. */
export function SeeAs({ own, named, reader, choose }: Props) {
  const { t } = useTexts();
  const known = ['', 'public', 'provider:ALL-PROVIDERS', ...named.map((code) => `provider:${code}`)];
  const other = known.includes(reader) ? [] : [{ value: reader, label: reader.replace(/^provider:/, '') }];
  return (
    <div className="see-as">
      <span className="small quiet">{t('country.seeAs.label')}</span>
      <Segmented
        name={t('country.seeAs.label')}
        choices={[
          { value: '', label: own },
          ...named.map((code) => ({ value: `provider:${code}`, label: <bdi>{code}</bdi> })),
          ...other,
          { value: 'provider:ALL-PROVIDERS', label: t('audience.PROVIDERS') },
          { value: 'public', label: t('audience.PUBLIC') },
        ]}
        chosen={reader}
        choose={choose}
      />
    </div>
  );
}
