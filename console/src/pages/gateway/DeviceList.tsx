import { Button, Group, SegmentedControl, Select, Skeleton, Tooltip } from '@mantine/core';
import { Download, Upload } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import { DeviceCards } from './DeviceCards';
import { DeviceMenu } from './DeviceMenu';
import { ExportMenu } from './ExportMenu';
import styles from './gateway.module.css';
import { ImportDialog } from './ImportDialog';
import { deviceChoice, ManyDevices } from './ManyDevices';
import { readOnly, shownState, useDevices, useDrivers, type DeviceSummary } from './model';
import { DeviceMark, rateText, SearchBox, shareText } from './parts';
import { errorShare, rates } from './rates';
import { useParams } from './useParam';
import { words, type T } from './words';

export function matches(device: DeviceSummary, text: string, driver: string, kind: string):
boolean {
  const wanted = text.trim().toLowerCase();
  const { kind: is } = shownState(device);
  return (!driver || device.driver === driver)
    && (!kind || (kind === 'off' ? is === 'idle'
      : kind === 'bad' ? is !== 'ok' && is !== 'idle' : is === 'ok'))
    && (!wanted || `${device.name} ${device.description} ${device.driver}`.toLowerCase()
      .includes(wanted));
}

function columnsOf(t: T, zone: string): Column<DeviceSummary>[] {
  const now = (device: DeviceSummary) => rates.now(device.name);
  return [
    { id: 'state', title: t('state'), width: 116, cell: (device) => <DeviceMark device={device} />,
      sort: (device) => t(shownState(device).text) },
    { id: 'name', title: t('device'), width: '29%', sort: (device) => device.name,
      cell: (device) => (
        <span className={styles.name} title={[device.name, device.description,
          readOnly(device) ? t('fileHelp', { file: device.origin }) : '']
          .filter(Boolean).join('\n')}>
          <span>{device.name}{readOnly(device)
            && <small className={styles.mark}> {t('file')}</small>}</span>
        </span>) },
    { id: 'driver', title: t('driver'), width: 112, sort: (device) => device.driver,
      cell: (device) => device.driver },
    { id: 'tags', title: t('tags'), width: 52, right: true, sort: (device) => device.tags,
      cell: (device) => formatNumber(device.tags) },
    { id: 'bad', title: t('bad'), width: 50, right: true,
      sort: (device) => device.state?.tags_bad ?? 0,
      cell: (device) => device.state?.tags_bad
        ? <span className={styles.warn}>△ {formatNumber(device.state.tags_bad)}</span> : '0' },
    { id: 'rtt', title: t('rtt'), width: 86, right: true,
      sort: (device) => device.state?.round_trip_ms ?? 0,
      cell: (device) => device.state?.round_trip_ms
        ? `${formatNumber(device.state.round_trip_ms)} ms` : '–' },
    { id: 'reads', title: t('readsRate'), width: 72, right: true,
      sort: (device) => now(device)?.reads ?? 0,
      cell: (device) => rateText(now(device)?.reads) },
    { id: 'errors', title: t('errorShare'), width: 60, right: true,
      sort: (device) => errorShare(now(device)) || 0,
      cell: (device) => shareText(errorShare(now(device))) },
    { id: 'last', title: t('lastError'),
      sort: (device) => parseTime(device.state?.last_error_time) || 0,
      cell: (device) => device.state?.last_error ? (
        <Tooltip multiline maw={420} withinPortal label={`${formatTime(
          parseTime(device.state.last_error_time), 'full', zone)} ${device.state.last_error}`}>
          <span className={`${styles.dim} ${styles.twoLines}`}>
            <span className={styles.num}>
              {formatTime(parseTime(device.state.last_error_time), 'clock', zone)}</span>
            {' '}{device.state.last_error}
          </span>
        </Tooltip>) : '–' },
    { id: 'menu', title: '', width: 42, cell: (device) => <DeviceMenu device={device} /> },
  ];
}

export function DeviceList(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { get, set } = useParams();
  const devices = useDevices();
  const drivers = useDrivers();
  const mayChange = useMay('engineer');
  const [importing, setImporting] = useState(false);
  const q = get('q');
  const driver = get('driver');
  const kind = get('state');
  const cards = get('view') === 'cards';
  const rows = useMemo(
    () => (devices.data ?? []).filter((one) => matches(one, q, driver, kind)),
    [devices.data, q, driver, kind]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo(() => {
    const toggle = (name: string) => setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(name)) next.add(name);
      return next;
    });
    const all = columnsOf(t, zone);
    return mayChange ? [deviceChoice(t, chosen, toggle), ...all] : all;
  }, [t, zone, mayChange, chosen]);
  const many = (devices.data ?? []).filter(({ name }) => chosen.has(name));
  const open = (device: DeviceSummary) => set({ device: device.name }, true);
  if (devices.isError && !devices.data)
    return <ProblemAlert error={devices.error} retry={() => void devices.refetch()} />;
  if (!devices.data) return <Skeleton height={240} />;
  return (
    <div className={styles.page}>
      {devices.isError && <ProblemAlert error={devices.error} />}
      <div className={styles.bar}>
        <SearchBox value={q} onChange={(text) => set({ q: text })} label={t('searchDevices')} />
        <Select size="xs" w={170} clearable placeholder={t('allDrivers')} value={driver || null}
          aria-label={t('driver')} onChange={(value) => set({ driver: value })}
          data={(drivers.data ?? []).map((one) => ({ value: one.name, label: one.title }))} />
        <SegmentedControl size="xs" value={kind || 'all'} aria-label={t('state')}
          onChange={(value) => set({ state: value === 'all' ? null : value })}
          data={(['all', 'ok', 'bad', 'off'] as const).map((value) => (
            { value, label: t(`show_${value}`) }))} />
        <span className={styles.spring} />
        <SegmentedControl size="xs" value={cards ? 'cards' : 'table'} aria-label={t('view')}
          onChange={(value) => set({ view: value === 'cards' ? value : null })}
          data={[{ value: 'table', label: t('table') }, { value: 'cards', label: t('cards') }]} />
        <Group gap={6}>
          <ExportMenu icon={<Download size={14} />} />
          {mayChange && (
            <Button size="compact-sm" variant="default" leftSection={<Upload size={14} />}
              onClick={() => setImporting(true)}>{t('import')}</Button>)}
        </Group>
      </div>
      {many.length > 0 && <ManyDevices devices={many}
        onChoose={(names) => setChosen(new Set(names))} />}
      {devices.data.length === 0 ? (
        <Empty title={t('emptyTitle')} text={t('emptyText')}
          action={mayChange
            ? { label: t('newDevice'), run: () => set({ new: '1' }, true) } : undefined}
          command="headworks device create plc1.json" />
      ) : cards ? <DeviceCards devices={rows} onOpen={open} /> : (
        <div className={styles.fill}>
          <DataTable rows={rows} columns={columns} rowKey={(device) => device.name}
            label={t('tab_devices')} onOpen={open} />
        </div>
      )}
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </div>
  );
}
