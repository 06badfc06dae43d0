import { Button, TextInput } from '@mantine/core';
import { Pause, Play, Radio } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Empty, ProblemAlert, State, type StateKind } from '~/ui';
import styles from '../broker.module.css';
import { useClient } from '../model';
import { countText, Note, rateText, SearchBox } from '../parts';
import { useParams } from '../useParams';
import { words } from '../words';
import type { LinkState } from './link';
import { matching, treeRows, type TopicNode } from './store';
import { TopicDetail } from './TopicDetail';
import { TopicTree } from './TopicTree';
import { useExplorer, type Explorer as Parts } from './useExplorer';

const kinds: Record<LinkState, StateKind> = {
  off: 'idle', connecting: 'busy', up: 'ok', down: 'alarm',
};

function LiveBar({ explorer, live, onLive, paused, onPause }: {
  explorer: Parts; live: boolean; onLive: (live: boolean) => void; paused: boolean;
  onPause: () => void;
}): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const { store, link } = explorer;
  const [text, setText] = useState(get('sub'));
  useEffect(() => setText(get('sub')), [get]);
  const state = link.state;
  return (
    <form className={styles.bar} onSubmit={(event) => {
      event.preventDefault();
      set({ sub: text.trim() });
    }}>
      <SearchBox name="q" label={t('searchTopics')} width={220} />
      <TextInput size="xs" w={220} leftSection={<Radio size={14} />} placeholder="#"
        aria-label={t('subscribeTo')} title={t('subscribeHint')} value={text} spellCheck={false}
        onBlur={() => set({ sub: text.trim() })}
        onChange={(event) => setText(event.currentTarget.value)} />
      <Button size="compact-sm" variant="default" onClick={() => onLive(!live)}>
        {t(live ? 'liveOff' : 'liveOn')}</Button>
      <Button size="compact-sm" variant="default" disabled={!live} onClick={onPause}
        leftSection={paused ? <Play size={14} /> : <Pause size={14} />}>
        {t(paused ? 'resume' : 'pause')}</Button>
      <span className={styles.spring} />
      <State kind={kinds[state]} title={link.problem}>{t(`link_${state}`)}</State>
      <span className={`${styles.num} ${styles.small} ${styles.figures}`}>
        {t('liveFigures', { rate: rateText(store.rate), count: countText(store.messages),
          topics: countText(store.nodes) })}
      </span>
    </form>
  );
}

// What was not shown, and why: nothing goes missing silently.
function Losses({ explorer }: { explorer: Parts }): ReactNode {
  const t = words.use();
  const { store, link } = explorer;
  const own = useClient(link.state === 'up' ? link.clientId : '').data?.client;
  const lines = [
    own?.dropped ? t('brokerDropped', { count: countText(own.dropped) }) : '',
    link.state === 'down' ? t('linkDown', { why: link.problem || t('closedByServer') }) : '',
    link.refused.length ? t('filtersRefused', { filters: link.refused.join(', ') }) : '',
    store.untracked ? t('untracked', { count: countText(store.untracked) }) : '',
    store.cut ? t('cutPayloads', { count: countText(store.cut) }) : '',
    store.skipped ? t('skippedWhilePaused', { count: countText(store.skipped) }) : '',
  ].filter(Boolean);
  return lines.length === 0 ? null
    : <Note kind={link.state === 'down' ? 'alarm' : 'warn'}>{lines.join(' ')}</Note>;
}

export function Explorer(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const [live, setLive] = useState(true);
  const [paused, setPaused] = useState(false);
  const explorer = useExplorer(get('sub'), live);
  const { store, load, version } = explorer;
  const selected = get('topic');
  const q = get('q');
  const [open, setOpen] = useState<ReadonlySet<string>>(() => ancestorsOf(selected));
  useEffect(() => {
    load(store.root);
    // A link to a topic opens what is above it.
    void openPath(selected, store.root, load);
  }, [load, store]);
  useEffect(() => store.watch(selected || null), [store, selected]);
  const found = useMemo(() => matching(store.root, q), [store, store.structure, q]);
  const rows = useMemo(() => treeRows(store.root, open, found), [store, version, open, found]);
  const toggle = useCallback((node: TopicNode, isOpen: boolean) => {
    if (isOpen) load(node);
    setOpen((old) => {
      const next = new Set(old);
      if (isOpen) next.add(node.topic);
      else next.delete(node.topic);
      return next;
    });
  }, [load]);
  const select = useCallback((topic: string) => {
    const node = store.find(topic);
    if (node?.hasBelow) load(node);
    set({ topic }, true);
  }, [set, store, load]);
  return (
    <div className={styles.page}>
      <LiveBar explorer={explorer} live={live} onLive={setLive} paused={paused} onPause={() => {
        store.pause(!paused);
        setPaused(!paused);
      }} />
      <ProblemAlert error={explorer.problem} retry={() => load(store.root)} />
      <Losses explorer={explorer} />
      <div className={`${styles.explorer} ${styles.fill}`}>
        {rows.length > 0 ? (
          <TopicTree rows={rows} selected={selected} onSelect={select} onToggle={toggle}
            onMore={(node) => load(node, true)} />
        ) : (
          <div className="hw-panel">
            {q ? <Empty title={t('noTopicMatches')} text={t('noTopicMatchesText')}
              action={{ label: t('clearSearch'), run: () => set({ q: null }) }} />
              : <Empty title={t('noTopics')} text={t('noTopicsText')}
                command="headworks pub -t my/topic -m 1" />}
          </div>)}
        {selected ? <TopicDetail key={selected} topic={selected} explorer={explorer} />
          : <div className={`hw-panel ${styles.detail}`}>
            <Empty title={t('chooseTopic')} text={t('chooseTopicText')}
              command={`mosquitto_pub -h ${location.hostname} -t my/topic -m 1`} />
          </div>}
      </div>
    </div>
  );
}

function ancestorsOf(topic: string): Set<string> {
  const levels = topic.split('/');
  return new Set(levels.slice(1).map((_, index) => levels.slice(0, index + 1).join('/')));
}

// The server's list of each level on the way, one after the other as they become known.
async function openPath(topic: string, root: TopicNode, load: Parts['load']): Promise<void> {
  let node = root;
  for (const name of topic.split('/').slice(0, -1)) {
    for (let tries = 0; tries < 40 && !node.children?.get(name); tries += 1)
      await new Promise((resolve) => window.setTimeout(resolve, 50));
    const child = node.children?.get(name);
    if (!child) return;
    node = child;
    load(node);
  }
}
