import { ActionIcon, Button, CopyButton, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, Copy, Eraser } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ForgetDialog } from '../actions';
import styles from '../broker.module.css';
import { base, type Page, type Retained } from '../model';
import { countText } from '../parts';
import { useParams } from '../useParams';
import { words } from '../words';
import { fromBase64 } from './bytes';
import { Charts } from './Charts';
import { MessageList } from './MessageList';
import { PayloadView } from './PayloadView';
import { PublishBox } from './PublishBox';
import type { Message } from './store';
import type { Explorer } from './useExplorer';

const parts = ['message', 'charts', 'messages', 'publish'] as const;
type Part = (typeof parts)[number];

// The retained message of a topic that nothing was heard on yet.
function useRetained(topic: string, wanted: boolean): Message | null {
  const plain = !/[+#]/.test(topic);
  const answer = useQuery({
    queryKey: ['broker', 'retained-of', topic],
    queryFn: ({ signal }) => getJson<Page<Retained>>(
      `${base}/retained${query({ filter: topic, payload: 65_536, limit: 1 })}`, { signal }),
    enabled: wanted && plain,
  });
  const row = answer.data?.items[0];
  if (!row || !wanted) return null;
  return {
    number: 0, topic, qos: row.qos, retain: true, time: NaN, size: row.payload_bytes,
    payload: row.payload_base64 !== undefined ? fromBase64(row.payload_base64)
      : new TextEncoder().encode(row.payload ?? ''),
    properties: { contentType: row.content_type },
  };
}

export function TopicDetail({ topic, explorer }: { topic: string; explorer: Explorer }): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const { store } = explorer;
  const may = useMay('engineer');
  const [forgetting, setForgetting] = useState(false);
  const [picked, setPicked] = useState<Message | null>(null);
  const node = store.find(topic);
  const retained = useRetained(topic, !node?.last);
  const last = node?.last ?? retained;
  // A level without messages of its own is best told by those below.
  const bare = node !== undefined && node.own === 0 && node.total > 0 && !retained;
  const usual: Part = bare ? 'messages' : 'message';
  const part: Part = parts.includes(get('part') as Part) ? (get('part') as Part) : usual;
  const before = picked ? null : node?.previous ?? null;
  return (
    <section className={`hw-panel ${styles.detail}`} aria-label={topic}>
      <div className={styles.detailHead}>
        <span className={styles.topicName}>{topic}</span>
        {node?.isPoint && <span className={styles.tag}>{t('pointMark')}</span>}
        {(node?.isRetained || retained) && <span className={styles.tag}>{t('retainedMark')}</span>}
        <span className={`${styles.num} ${styles.small} ${styles.dim}`}>
          {t('ownOfTotal', { own: countText(node?.own ?? 0), total: countText(node?.total ?? 0) })}
        </span>
        <CopyButton value={topic}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" size="sm" aria-label={t('copyTopic')} onClick={copy}
              title={t('copyTopic')}>{copied ? <Check size={14} /> : <Copy size={14} />}
            </ActionIcon>)}
        </CopyButton>
        {(node?.isRetained || retained) && may && (
          <Button size="compact-xs" variant="default" leftSection={<Eraser size={13} />}
            onClick={() => setForgetting(true)}>{t('clearRetained')}…</Button>)}
      </div>
      <Tabs value={part} keepMounted={false}
        onChange={(value) => set({ part: value === usual ? null : value })}>
        <Tabs.List>
          {parts.map((name) => <Tabs.Tab key={name} value={name}>{t(`part_${name}`)}</Tabs.Tab>)}
        </Tabs.List>
      </Tabs>
      <div className={styles.detailBody}>
        {part === 'message' && <PayloadView message={picked ?? last} before={before}
          explorer={explorer} picked={picked !== null} onNewest={() => setPicked(null)} />}
        {part === 'charts' && <Charts topic={topic} message={last} explorer={explorer} />}
        {part === 'messages' && <MessageList explorer={explorer} topic={topic}
          onOpen={(message) => {
            setPicked(message);
            set({ part: 'message' }, true);
          }} />}
        {part === 'publish' && <PublishBox topic={topic} explorer={explorer} last={last} />}
      </div>
      {forgetting && <ForgetDialog topic={topic} onClose={() => setForgetting(false)}
        onDone={() => {
          if (node) node.isRetained = false;
          store.touch();
        }} />}
    </section>
  );
}
