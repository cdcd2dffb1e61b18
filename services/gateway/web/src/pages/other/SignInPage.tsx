// The identities of an exercise set-up; where people really work, the way to an identity provider.
import { useMemo, useState } from 'react';
import { go, usePlace } from '../../address/router';
import { useAnswer } from '../../api/answer';
import { type Failure, toFailure } from '../../api/errors';
import { useNames } from '../../api/names';
import { exerciseIdentities, type Identity, signInAs, useSession } from '../../api/session';
import { FailureNotice } from '../../parts/FailureNotice';
import { SkeletonRows } from '../../parts/Skeleton';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import { ProviderSignIn } from './ProviderSignIn';

/** Only a path of these pages: an address given by somebody else must not lead away. */
function wayBack(search: string): string {
  const back = new URLSearchParams(search).get('back') ?? '/';
  return /^\/(?![/\\])/.test(back) ? back : '/';
}

export default function SignInPage() {
  const { sign_in: way } = useSession();
  const { search } = usePlace();
  if (way !== 'provider') return <ExerciseIdentities />;
  return <ProviderSignIn refused={new URLSearchParams(search).get('refused')} back={wayBack(search)} />;
}

function ExerciseIdentities() {
  const { t, language } = useTexts();
  const { search } = usePlace();
  const [failure, setFailure] = useState<Failure>();
  const [wanted, setWanted] = useState('');
  const answer = useAnswer('identities', exerciseIdentities);
  // Names are a table of the matrix, which an operator may not ask for.
  const states = useNames('state', language, useSession().role !== 'operator');
  usePageTitle(t('signIn.title'));

  const named = useMemo(() => {
    const all = (answer.value ?? []).map((identity) => ({
      identity,
      name: t(`reader.${identity.role}`, { state: states.of(identity.state), organization: identity.organization }),
    }));
    const collator = new Intl.Collator(language);
    return all.sort((left, right) =>
      left.identity.role === right.identity.role
        ? collator.compare(left.name, right.name)
        : Number(left.identity.role === 'focal_point') - Number(right.identity.role === 'focal_point'),
    );
  }, [answer.value, states, t, language]);
  const shown = named.filter(({ name, identity }) =>
    `${name} ${identity.state}`.toLocaleLowerCase().includes(wanted.toLocaleLowerCase()),
  );

  const failed = failure ?? answer.failure;

  const enter = ({ id, role }: Identity) => {
    signInAs(id).then(
      () => {
        go(role === 'operator' ? '/service' : wayBack(search), true);
      },
      (error: unknown) => setFailure(toFailure(error)),
    );
  };

  return (
    <div className="stack">
      <div className="stack tight sign-in">
        <h1>{t('signIn.title')}</h1>
        <p className="quiet">{t('signIn.text')}</p>
        <label className="field">
          <span className="label">{t('signIn.search')}</span>
          <input className="input" type="search" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
        </label>
      </div>
      {failed && <FailureNotice failure={failed} />}
      {!answer.value && !answer.failure && <SkeletonRows rows={8} columns={2} />}
      <ul className="identities">
        {shown.map(({ identity, name }) => (
          <li key={identity.id}>
            <button type="button" onClick={() => enter(identity)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
