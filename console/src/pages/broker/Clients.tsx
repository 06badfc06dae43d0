import { Button, Drawer, Group, SegmentedControl, Skeleton } from '@mantine/core';
import { Ban as BanIcon, Footprints, Unplug } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { DataTable, Empty, ProblemAlert, State, type Column } from '~/ui';
import { BanDialog, KickDialog } from './actions';
import styles from './broker.module.css';
import { pageRows, useClient, usePage, type Client, type Subscription } from './model';
import { bytesText, countText, Pager, SearchBox } from './parts';
import { useParams } from './useParams';
import { words, type T } from './words';

export function ClientState({ client }: { client: Client }): ReactNode {
  const t = words.use();
  if (!client.connected) return <State kind="idle">{t('absent')}</State>;
  if (client.paused) return <State kind="warn" title={t('pausedHint')}>{t('pausedState')}</State>;
  return client.dropped > 0 || client.queued > 0
    ? <State kind="warn" title={t('slowHint')}>{t('behind')}</State>
    : <State kind="ok">{t('connected')}</State>;
}

const columnsOf = (t: T): Column<Client>[] => [
  { id: 'state', title: t('state'), width: 118, cell: (one) => <ClientState client={one} /> },
  { id: 'id', title: t('clientId'), cell: (one) => one.client_id, sort: (one) => one.client_id },
  { id: 'user', title: t('user'), width: 110, cell: (one) => one.user_name || '–',
    sort: (one) => one.user_name ?? '' },
  { id: 'peer', title: t('peer'), width: 150, cell: (one) => one.peer ?? '–',
    sort: (one) => one.peer ?? '' },
  { id: 'version', title: 'MQTT', width: 62, cell: (one) => one.protocol ?? '–',
    sort: (one) => one.protocol ?? '' },
  { id: 'subs', title: t('subsShort'), width: 72, right: true,
    cell: (one) => countText(one.subscriptions), sort: (one) => one.subscriptions },
  { id: 'in', title: t('msgIn'), width: 90, right: true,
    cell: (one) => countText(one.messages_in), sort: (one) => one.messages_in ?? 0 },
  { id: 'out', title: t('msgOut'), width: 90, right: true,
    cell: (one) => countText(one.messages_out), sort: (one) => one.messages_out ?? 0 },
  { id: 'queue', title: t('queued'), width: 80, right: true, cell: (one) => countText(one.queued),
    sort: (one) => one.queued },
  { id: 'dropped', title: t('dropped'), width: 80, right: true, sort: (one) => one.dropped,
    cell: (one) => one.dropped
      ? <span className={styles.warn}>△ {countText(one.dropped)}</span> : '0' },
];

export function Clients(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const only = get('connected') === '1';
  const answer = usePage<Client>('clients', {
    search: get('q') || undefined, connected: only || undefined, limit: pageRows,
    cursor: get('cursor') || undefined });
  const columns = useMemo(() => columnsOf(t), [t]);
  const rows = answer.data?.items ?? [];
  const bare = !get('q') && !only && !get('cursor');
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox name="q" label={t('searchClients')} />
        <SegmentedControl size="xs" value={only ? '1' : ''} aria-label={t('state')}
          onChange={(value) => set({ connected: value, cursor: null })}
          data={[{ value: '', label: t('all') }, { value: '1', label: t('connectedOnly') }]} />
      </div>
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : rows.length === 0 && bare ? (
          <Empty title={t('noClients')} text={t('noClientsText')}
            command={`mosquitto_sub -h ${location.hostname} -t '#' -v`} />
        ) : (
          <div className={styles.fill}>
            <DataTable rows={rows} columns={columns} rowKey={(one) => one.client_id}
              label={t('tab_clients')} selected={get('client') || undefined}
              onOpen={(one) => set({ client: one.client_id }, true)} />
          </div>
        )}
      <Pager next={answer.data?.next} rows={rows.length} />
    </div>
  );
}

function Pairs({ rows }: { rows: [string, ReactNode][] }): ReactNode {
  return (
    <dl className={`${styles.pairs} ${styles.left}`}>
      {rows.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}
    </dl>
  );
}

function Facts({ client }: { client: Client }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const since = parseTime(client.connected_at);
  const expiry = client.session_expiry_s;
  const connection: [string, ReactNode][] = client.connected ? [
    [t('peer'), client.peer], [t('user'), client.user_name || '–'],
    ['MQTT', client.protocol],
    [t('since'), `${formatTime(since, 'full', zone)} (${formatDuration(Date.now() - since)})`],
    [t('keepAlive'), `${client.keep_alive_s ?? 0} s`],
    [t('cleanStart'), t(client.clean_start ? 'yes' : 'no')],
    [t('will'), client.will_topic || '–'],
    [t('received'), `${countText(client.messages_in)} · ${bytesText(client.bytes_in)}`],
    [t('sent'), `${countText(client.messages_out)} · ${bytesText(client.bytes_out)}`],
    [t('socket'), bytesText(client.output_bytes)],
  ] : [[t('state'), t('absent')]];
  return (
    <div className={styles.columns} style={{ gridTemplateColumns: '1fr 1fr' }}>
      <section className={`hw-panel ${styles.panel}`}>
        <h3>{t('connection')}</h3>
        <Pairs rows={connection} />
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h3>{t('session')}</h3>
        <Pairs rows={[
          [t('expiry'), expiry === 0 ? t('withConnection') : formatDuration(expiry * 1000)],
          ...(client.expires_at ? [[t('endsAt'),
            formatTime(parseTime(client.expires_at), 'full', zone)] as [string, ReactNode]] : []),
          [t('inflight'), countText(client.inflight)],
          [t('queued'), `${countText(client.queued)} · ${bytesText(client.queued_bytes)}`],
          [t('dropped'), client.dropped
            ? <span className={styles.warn}>△ {countText(client.dropped)}</span> : '0'],
        ]} />
      </section>
    </div>
  );
}

// Everything of one client, over whichever tab it was asked from.
export function ClientDrawer(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const id = get('client');
  const answer = useClient(id);
  const may = useMay('engineer');
  const [asked, setAsked] = useState<'kick' | 'ban' | null>(null);
  const columns: Column<Subscription>[] = useMemo(() => [
    { id: 'filter', title: t('filter'), cell: (one) => <span title={one.filter}>{one.filter}</span>,
      sort: (one) => one.filter },
    { id: 'qos', title: 'QoS', width: 56, right: true, cell: (one) => one.qos },
    { id: 'options', title: t('options'), width: 150, cell: (one) => optionsText(one, t) },
  ], [t]);
  const { client, subscriptions = [] } = answer.data ?? {};
  return (
    <Drawer opened={id !== ''} onClose={() => set({ client: null })} position="right" size={760}
      title={<span className="hw-mono">{id}</span>} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className={styles.page}>
        <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
        {!answer.data && !answer.error && <Skeleton height={200} />}
        {client && (
          <>
            <Group gap={8}>
              <ClientState client={client} />
              <span className={styles.spring} />
              {may ? (
                <>
                  <Button size="compact-sm" variant="default" leftSection={<Footprints size={14} />}
                    onClick={() => set({ tab: 'traces', client: null, new: id }, true)}>
                    {t('followClient')}…</Button>
                  <Button size="compact-sm" variant="default" leftSection={<Unplug size={14} />}
                    onClick={() => setAsked('kick')}>{t('kick')}…</Button>
                  <Button size="compact-sm" variant="default" leftSection={<BanIcon size={14} />}
                    onClick={() => setAsked('ban')}>{t('ban')}…</Button>
                </>
              ) : <span className={styles.dim}>{t('needEngineer')}</span>}
            </Group>
            <Facts client={client} />
            <div style={{ height: Math.min(480, 74 + 35 * Math.max(1, subscriptions.length)),
              flex: 'none' }}>
              <DataTable rows={subscriptions} columns={columns} rowKey={(one) => one.filter}
                label={t('tab_subscriptions')} empty={t('noSubscriptions')} />
            </div>
          </>
        )}
      </div>
      {asked === 'kick' && <KickDialog id={id} onClose={() => setAsked(null)} />}
      {asked === 'ban' && <BanDialog value={id} onClose={() => setAsked(null)} />}
    </Drawer>
  );
}

export function optionsText(one: Subscription, t: T): string {
  const all = [
    one.shared ? t('sharedOf', { count: one.members ?? 1 }) : '',
    one.no_local ? t('noLocal') : '', one.retain_as_published ? t('asPublished') : '',
    one.identifier !== undefined ? `id ${one.identifier}` : ''].filter(Boolean);
  return all.join(' · ') || '–';
}
