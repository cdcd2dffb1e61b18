import { needStates } from '../address/dimensions';
import { useNames } from '../api/names';
import { signOut, useSession } from '../api/session';
import { go } from '../address/router';
import { useExerciseShown } from '../parts/exercise';
import { Link } from '../parts/Link';
import { Listbox } from '../parts/Listbox';
import { NeedMark } from '../parts/marks';
import { applyTheme, themes, useTheme } from '../parts/theme';
import { destinationsOf, pageAt, type PageName, preload } from '../pages';
import { languageNames, languages } from '../texts/languages';
import { changeLanguage } from '../texts/start';
import { useTexts } from '../texts/useTexts';
import { SignInLink } from './SignInLink';

export function Masthead({ path }: { path: string }) {
  const { t } = useTexts();
  const session = useSession();
  const exercise = useExerciseShown() || session.sign_in === 'exercise';
  const current = pageAt(path)?.name;
  return (
    <header>
      {exercise && (
        <div className="exercise">
          <div className="wrap">
            <span>
              <b>{t('exercise.title')}</b> {t('exercise.text')}
            </span>
            {session.sign_in === 'exercise' && <span className="optional">{t('exercise.setUp')}</span>}
          </div>
        </div>
      )}
      <div className="masthead">
        <div className="wrap">
          <Link className="brand" href="/">
            <span className="marks">
              {needStates.map((state) => (
                <NeedMark key={state} state={state} />
              ))}
            </span>
            <bdi>uncac-assist</bdi>
          </Link>
          <nav className="navigation" aria-label={t('shell.pages')}>
            {destinationsOf(session.role).map(({ name, href }) => (
              <Link
                key={name}
                href={href}
                aria-current={name === current ? 'page' : undefined}
                onPointerEnter={() => preload(href)}
                onFocus={() => preload(href)}
              >
                {t(`navigation.${name}`)}
              </Link>
            ))}
          </nav>
          <div className="tools">
            <LanguageChoice />
            <span className="wide-only">
              <ThemeChoice />
            </span>
            <Reader current={current} />
          </div>
        </div>
      </div>
    </header>
  );
}

function LanguageChoice() {
  const { t, language } = useTexts();
  return (
    <Listbox
      className="tool"
      name={t('shell.language')}
      choices={languages.map((one) => ({ value: one, label: languageNames[one], lang: one }))}
      chosen={[language]}
      choose={([chosen]) => {
        const found = languages.find((one) => one === chosen);
        if (found) void changeLanguage(found);
      }}
    >
      <span className="long">{languageNames[language]}</span>
      <span className="short">
        <span aria-hidden="true">{language.toUpperCase()}</span>
        <span className="unseen">{languageNames[language]}</span>
      </span>
    </Listbox>
  );
}

export function ThemeChoice() {
  const { t } = useTexts();
  const theme = useTheme();
  return (
    <Listbox
      className="tool"
      name={t('shell.display')}
      choices={themes.map((one) => ({ value: one, label: t(`theme.${one}`) }))}
      chosen={[theme]}
      choose={([chosen]) => applyTheme(themes.find((one) => one === chosen) ?? 'system')}
    >
      {t('shell.display')}
    </Listbox>
  );
}

function Reader({ current }: { current: PageName | undefined }) {
  const { t, language } = useTexts();
  const session = useSession();
  const states = useNames('state', language, session.state !== '');
  if (!session.signed_in) {
    // On the page itself the link would lead back to the page.
    return current === 'signIn' ? null : <SignInLink className="tool" />;
  }
  const choices = [
    ...(session.sign_in === 'exercise' ? [{ value: 'other', label: t('shell.signInAs') }] : []),
    { value: 'out', label: t('shell.signOut') },
  ];
  return (
    <Listbox
      className="tool"
      name={t(`reader.${session.role}`, { state: states.of(session.state), organization: session.organization })}
      choices={choices}
      chosen={[]}
      choose={([chosen]) => {
        if (chosen === 'other') go('/enter');
        else {
          void signOut().then(() => go('/'));
        }
      }}
    >
      <span className="long">{t(`reader.${session.role}`, { state: session.state, organization: session.organization })}</span>
      <bdi className="short">{session.state || session.organization || t(`reader.${session.role}`, { state: '', organization: '' })}</bdi>
    </Listbox>
  );
}
