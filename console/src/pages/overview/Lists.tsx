import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { formatDuration, formatTime, parseTime, resolveTime, useZone } from '~/lib/time';
import { ProblemAlert, State, type StateKind } from '~/ui';
import { wordsOf } from './changes';
import { isUp, useChanges, type Device, type PointTroubles, type Rule } from './data';
import { en } from './en';
import styles from './overview.module.css';
import { words } from './words';

interface Trouble {
  key: string;
  kind: StateKind;
  what: string;
  name: string;
  why: string;
  since: number;
  to: string;
  alike: number;
}

// Points of one folder that fail alike are one line: a device that is gone has hundreds.
function pointLines(troubles: PointTroubles): Trouble[] {
  const groups = new Map<string, Trouble>();
  for (const { path, trust, quality, time } of troubles.worst) {
    const folder = path.split('/').slice(0, 3).join('/');
    const key = `${trust} ${quality} ${folder}`;
    const group = groups.get(key);
    if (group) group.alike += 1;
    else groups.set(key, {
      key, kind: trust === 'bad' ? 'alarm' : 'note', alike: 0, since: time, name: path,
      what: words.now(trust === 'bad' ? 'pointBad' : 'pointStale'),
      why: quality === 'good' ? '' : quality, to: `/trends?pens=${encodeURI(path)}`,
    });
  }
  return [...groups.values()];
}

export function troublesOf(devices: Device[], rules: Rule[], points: PointTroubles): Trouble[] {
  return [
    ...devices.filter((device) => device.enabled && !isUp(device))
      .map(({ name, problem, state }): Trouble => ({
        key: `device ${name}`, kind: 'warn', what: words.now('deviceDown'), name, alike: 0,
        why: problem || (state?.last_error ?? ''), since: parseTime(state?.since),
        to: `/gateway?device=${encodeURIComponent(name)}`,
      })),
    ...rules.filter(({ enable, status }) => enable && status !== 'running')
      .map(({ id, status, problem, error }): Trouble => ({
        key: `rule ${id}`, kind: 'warn', what: words.now('ruleFailing'), name: id, alike: 0,
        why: problem ?? error ?? status, since: NaN, to: `/rules?rule=${encodeURIComponent(id)}`,
      })),
    ...pointLines(points),
  ];
}

export function Troubles({ devices, rules, points }: {
  devices: Device[]; rules: Rule[]; points: PointTroubles;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const all = troublesOf(devices, rules, points);
  return (
    <section className={styles.list} aria-label={t('troubles')}>
      <h2>{t('troubles')}</h2>
      {all.length === 0 ? <State kind="ok">{t('noTroubles')}</State> : (
        <ul tabIndex={0}>
          {all.map((one) => (
            <li key={one.key}>
              <State kind={one.kind}>{one.what}</State>
              <Link to={one.to}>{one.name}</Link>
              {one.alike > 0 && <span className="hw-dim">
                {t('othersAlike', { count: one.alike })}</span>}
              <span className={styles.why} title={one.why}>{one.why}</span>
              {Number.isFinite(one.since) && <span className={styles.when}>
                {t('since', { time: formatTime(one.since,
                  Date.now() - one.since > 43200e3 ? 'full' : 'clock', zone) })}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Changes({ span }: { span: string }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const answer = useChanges(span);
  const style = resolveTime(`now-${span}`, 0) < -43200e3 ? 'full' : 'clock';
  const rows = answer.data?.changes;
  return (
    <section className={styles.list} aria-label={t('changes')}>
      <h2>{t('changes')} <span className="hw-dim">
        {t('changesIn', { time: formatDuration(-resolveTime(`now-${span}`, 0)) })}</span></h2>
      <ProblemAlert error={answer.error} />
      {rows?.length === 0 && <p className="hw-dim">{t('noChanges')} {t('noChangesHelp')}</p>}
      {rows && rows.length > 0 && (
        <ul tabIndex={0} className={styles.changes}>
          {rows.map((row, i) => (
            <li key={`${row.time} ${row.action} ${row.target} ${i}`}>
              <span className={styles.clock}>{formatTime(row.time, style, zone)}</span>
              <span>
                {row.failed && <State kind="warn">{t('failed')}</State>}{' '}
                <What action={row.action} />{' '}
                {row.to ? <Link to={row.to}>{row.target}</Link>
                  : <span className={styles.target}>{row.target}</span>}
                {row.alike > 0 && <span className="hw-dim">
                  {' '}{t('othersAlike', { count: row.alike })}</span>}
                {row.detail && <span className={styles.detail}> {row.detail}</span>}
                {row.who && <span className="hw-dim"> {t('by', { name: row.who })}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {answer.data?.more && <p className="hw-dim">
        <Link to="/system?tab=audit">{t('more')}</Link></p>}
    </section>
  );
}

const has = (key: string): key is keyof typeof en => Object.hasOwn(en, key);

function What({ action }: { action: string }): ReactNode {
  const t = words.use();
  const known = wordsOf(action, has);
  return <span title={action}>{known
    ? t('did', { thing: t(known.thing), verb: t(known.verb) }) : action}</span>;
}
