import {
  ActionIcon, Button, Group, NativeSelect, Popover, Stack, TextInput, Tooltip,
} from '@mantine/core';
import {
  ArrowLeft, ArrowRight, ChevronLeft, ChevronRight, Clock, Radio, ZoomIn, ZoomOut,
} from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { formatDuration, formatTime, resolveTime, zoneOf } from '~/lib/time';
import { panned, zoomed } from './chart/gestures';
import { timeText, type View } from './state';
import styles from './trends.module.css';
import { words } from './words';
import { inZone, fromZone } from './zone';

export const spans = ['5m', '15m', '1h', '6h', '12h', '1d', '3d', '7d', '30d', '90d', '365d'];
const spanMs = (span: string) => -resolveTime(`now-${span}`, 0);

export function spanName(span: string): string {
  return formatDuration(spanMs(span));
}

function Absolute({ view, zone, done }: { view: View; zone: string; done: () => void }): ReactNode {
  const t = words.use();
  const [from, setFrom] = useState(() => inZone(view.window.from, zone));
  const [to, setTo] = useState(() => inZone(view.window.to, zone));
  const a = fromZone(from, zone);
  const b = fromZone(to, zone);
  const fits = Number.isFinite(a) && Number.isFinite(b) && b > a;
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      if (!fits) return;
      view.choose(timeText(a), timeText(b));
      done();
    }}>
      <Stack gap={6}>
        <TextInput size="xs" type="datetime-local" step={1} label={t('from')} value={from}
          onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput size="xs" type="datetime-local" step={1} label={t('to')} value={to}
          error={fits ? undefined : t('badRange')}
          onChange={(event) => setTo(event.currentTarget.value)} />
        <Button size="xs" type="submit" disabled={!fits}>{t('apply')}</Button>
      </Stack>
    </form>
  );
}

const zones = Intl.supportedValuesOf('timeZone');

// Which window: relative, absolute, earlier and later, the way back through zooms, and live.
export function RangeChooser({ view, from, to, zone, setZone }: {
  view: View; from: string; to: string; zone: string; setZone: (zone: string | null) => void;
}): ReactNode {
  const t = words.use();
  const [opened, setOpened] = useState(false);
  const { window: range, following } = view;
  const long = range.to - range.from > 86400e3 * 1.5
    || formatTime(range.from, 'date', zone) !== formatTime(range.to, 'date', zone);
  const relative = following ? spans.find((span) => `now-${span}` === from) : undefined;
  const text = following
    ? t('last_', { time: relative ? spanName(relative) : formatDuration(range.to - range.from) })
    : `${formatTime(range.from, 'full', zone)} – ${formatTime(range.to, long ? 'full' : 'clock',
      zone)}`;
  const icon = (label: string, run: () => void, face: ReactNode, disabled = false) => (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={run}
        disabled={disabled}>{face}</ActionIcon>
    </Tooltip>
  );
  return (
    <Group gap={2} wrap="nowrap" className={styles.range}>
      {icon(t('back'), view.back, <ArrowLeft size={16} />, !view.canBack)}
      {icon(t('forward'), view.forward, <ArrowRight size={16} />, !view.canForward)}
      {icon(t('previous'), () => view.onMove(panned(range, -1), false), <ChevronLeft size={16} />)}
      <Popover opened={opened} onChange={setOpened} position="bottom" shadow="md" trapFocus>
        <Popover.Target>
          <Button size="compact-sm" variant="default" leftSection={<Clock size={14} />}
            onClick={() => setOpened(!opened)} title={`${from} – ${to}`} aria-haspopup="dialog"
            className="hw-num">
            {text}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <div className={styles.rangeBox}>
            <div className={styles.spans}>
              {spans.map((span) => (
                <Button key={span} size="compact-sm" justify="start"
                  variant={relative === span ? 'light' : 'subtle'} color={relative === span
                    ? undefined : 'gray'} onClick={() => {
                    view.choose(`now-${span}`, 'now');
                    setOpened(false);
                  }}>{t('last_', { time: spanName(span) })}</Button>
              ))}
            </div>
            <Stack gap={8}>
              <strong>{t('absolute')}</strong>
              <Absolute key={String(opened)} view={view} zone={zone}
                done={() => setOpened(false)} />
              <NativeSelect size="xs" label={t('zone')} value={zoneOf(zone)}
                data={[...new Set([zoneOf(zone), 'UTC', ...zones])]}
                onChange={(event) => setZone(event.currentTarget.value)} />
            </Stack>
          </div>
        </Popover.Dropdown>
      </Popover>
      {icon(t('next'), () => view.onMove(panned(range, 1), false), <ChevronRight size={16} />,
        following)}
      <span className={styles.desktop}>
        {icon(t('zoomIn'), () => view.onMove(zoomed(range, 0.5, 0.5), false),
          <ZoomIn size={16} />)}
        {icon(t('zoomOut'), () => view.onMove(zoomed(range, 2, 0.5), false),
          <ZoomOut size={16} />)}
      </span>
      {following
        ? <span className={styles.live} title={t('following')}>
            <Radio size={14} /> {t('live')}</span>
        : <Button size="compact-sm" leftSection={<Radio size={14} />} onClick={view.toLive}>
            {t('toLive')}</Button>}
    </Group>
  );
}
