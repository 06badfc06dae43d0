import { Button, Popover } from '@mantine/core';
import { ListTree } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { formatTime } from '~/lib/time';
import { State } from '~/ui';
import { words } from '../words';
import type { Mark } from './marks';
import styles from './replay.module.css';

const listedAtMost = 300;

// The day's events to read and to go to, for keys and for those who do not see the slider.
export function EventList({ marks, partly, moment, zone, onGo }: {
  marks: Mark[]; partly: string; moment: number; zone: string; onGo: (mark: Mark) => void;
}): ReactNode {
  const t = words.use();
  return (
    <Popover width={420} position="top-end" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button size="compact-sm" variant="default" leftSection={<ListTree size={14} />}>
          {t('events', { count: marks.length })}</Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        {marks.length === 0 ? <p className={styles.nothing}>{t('noEvents')}</p>
          : <List marks={marks} moment={moment} zone={zone} onGo={onGo} />}
        {partly && <p className={styles.nothing}>{partly}</p>}
      </Popover.Dropdown>
    </Popover>
  );
}

function List({ marks, moment, zone, onGo }: {
  marks: Mark[]; moment: number; zone: string; onGo: (mark: Mark) => void;
}): ReactNode {
  const list = useRef<HTMLOListElement>(null);
  // The last one at the moment; the list opens there.
  const current = marks.reduce((last, one, index) => (one.time <= moment + 500 ? index : last), -1);
  const first = Math.max(0, Math.min(current - listedAtMost / 2, marks.length - listedAtMost));
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'center' });
  }, []);
  return (
    <ol ref={list} className={styles.list}>
      {marks.slice(first, first + listedAtMost).map((one, index) => (
        <li key={first + index}>
          <button type="button" onClick={() => onGo(one)}
            aria-current={first + index === current || undefined}>
            <span className="hw-num">{formatTime(one.time, 'clock', zone)}</span>
            <span>
              <State kind={one.state}>{one.text}</State>
              {one.detail && <small>{one.detail}</small>}
            </span>
          </button>
        </li>))}
    </ol>
  );
}
