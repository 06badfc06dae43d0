import { ActionIcon, Button } from '@mantine/core';
import { CircleHelp, Search, Tv } from 'lucide-react';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useLink } from '~/lib/live';
import { formatDuration, formatTime, parseTime, useZone, zoneOf } from '~/lib/time';
import styles from './shell.module.css';
import { words } from './words';

const AccountMenu = lazy(() => import('./AccountMenu'));
const HealthBadge = lazy(() => import('./HealthBadge'));
const Television = lazy(() => import('./Television'));

const clockToleranceMs = 2000;

// Says within 3 s that the server is gone (live.ts), and that a clock is wrong.
function LinkLamp(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const link = useLink();
  const text = t(link.state === 'up' ? 'linkUp' : link.state === 'down'
    ? 'linkDown' : 'linkConnecting');
  const help = link.state === 'down'
    ? t('linkDownHelp', { time: formatTime(link.since, 'clock', zone) }) : t('linkUpHelp');
  return (
    <>
      {Math.abs(link.clockOffsetMs) > clockToleranceMs && (
        <span className={styles.warnChip} role="status" title={t('clockHelp')}>
          △ {t('clockWrong', { time: formatDuration(Math.abs(link.clockOffsetMs)) })}
        </span>
      )}
      <span className={styles.lamp} data-state={link.state} role="status" aria-live="assertive"
        title={link.missed ? `${help} ${t('missed', { count: link.missed })}` : help}>
        <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
          {link.state === 'up' ? <circle cx="5" cy="5" r="4" fill="var(--hw-ok)" />
            : link.state === 'down' ? <path d="M1 1l8 8M9 1l-8 8" stroke="currentColor"
              strokeWidth="2" />
              : <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" />}
        </svg>
        {text}
      </span>
    </>
  );
}

// The server's time in the site's zone.
function Clock(): ReactNode {
  const zone = useZone();
  const link = useLink();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const offset = Number.isFinite(link.clockOffsetMs) ? link.clockOffsetMs : 0;
  return (
    <span className={styles.clock} title={zoneOf(zone)}>
      {formatTime(now + offset, 'clock', zone)}
      {zone !== 'browser' && zoneOf('browser') !== zone ? ` ${zone}` : ''}
    </span>
  );
}

export function TopBar({ openPalette, openKeys, tv }: {
  openPalette: () => void; openKeys: () => void; tv: boolean;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const [search, setSearch] = useSearchParams();
  const at = search.get('at');
  const change = (name: string, value: string | null) => setSearch((old) => {
    const next = new URLSearchParams(old);
    if (value) next.set(name, value);
    else next.delete(name);
    if (name === 'at') next.delete('play');
    return next;
  });
  return (
    <header className={styles.top}>
      {!tv && (
        <button type="button" className={styles.search} onClick={openPalette}
          aria-label={`${t('palette')} Ctrl K`} aria-keyshortcuts="Control+K">
          <Search size={15} aria-hidden="true" /> <span>{t('palette')}</span> <kbd>Ctrl K</kbd>
        </button>
      )}
      <span className={styles.spring} />
      {at && (
        <span className={styles.replay} role="status">
          ◇ {t('replay', { time: formatTime(parseTime(at), 'full', zone) })}
          <Button size="compact-xs" variant="default" onClick={() => change('at', null)}>
            {t('backToLive')}
          </Button>
        </span>
      )}
      <Suspense><HealthBadge /></Suspense>
      <LinkLamp />
      <Clock />
      {tv && <Suspense><Television /></Suspense>}
      <ActionIcon variant="subtle" color="gray" aria-label={t(tv ? 'tvEnd' : 'tv')}
        title={t(tv ? 'tvEnd' : 'tv')} visibleFrom="sm"
        onClick={() => change('tv', tv ? null : '1')}>
        <Tv size={17} />
      </ActionIcon>
      {!tv && (
        <ActionIcon variant="subtle" color="gray" aria-label={t('keys')} onClick={openKeys}
          title={`${t('keys')} (?)`} visibleFrom="sm">
          <CircleHelp size={17} />
        </ActionIcon>
      )}
      {!tv && <Suspense fallback={<span className={styles.account} />}><AccountMenu /></Suspense>}
    </header>
  );
}
