import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import type { Page, PointInfo } from '~/lib/points';
import { formatNumber } from '~/lib/units';
import { SparkLine, Sparkline, Value } from '~/ui';
import styles from '../broker.module.css';
import { Note } from '../parts';
import { words } from '../words';
import { decode, formatOf, leavesOf, pointOfLeaf, type Leaf } from './decode';
import type { Message } from './store';
import type { Explorer } from './useExplorer';

const shownLeaves = 24;
const readMessages = 400;
const width = 220;

// Leaves of a message, read once.
const cache = new WeakMap<Message, Leaf[]>();
function leaves(message: Message, explorer: Explorer): Leaf[] {
  let known = cache.get(message);
  if (!known) {
    const format = formatOf(message.topic, message.payload, message.properties?.contentType);
    known = leavesOf(decode(message, format, explorer.store.aliases));
    cache.set(message, known);
  }
  return known;
}

function usePointsOf(paths: string[]): Map<string, PointInfo> {
  const answer = useQuery({
    queryKey: ['broker', 'points', paths],
    queryFn: ({ signal }) => getJson<Page<PointInfo>>(
      `/api/v1/points${query({ filter: paths.filter((path) => !/[+#]/.test(path)) })}`, { signal }),
    enabled: paths.length > 0,
    staleTime: 60_000,
  });
  return useMemo(() => new Map(answer.data?.items.map((one) => [one.point, one])), [answer.data]);
}

// A small line for each number in the payload: from history where it is kept as a point, else from
// the messages seen since the topic was opened.
export function Charts({ topic, message, explorer }: {
  topic: string; message: Message | null; explorer: Explorer;
}): ReactNode {
  const t = words.use();
  const now = message ? leaves(message, explorer) : [];
  const shown = now.slice(0, shownLeaves);
  const points = usePointsOf(useStable(shown.map((leaf) => pointOfLeaf(topic, leaf.path))));
  if (shown.length === 0) return <Note>{t('noNumbers')}</Note>;
  const seen = explorer.store.ring.last(readMessages).filter((one) => one.topic === topic);
  return (
    <>
      <div className={styles.charts}>
        {shown.map((leaf) => {
          const point = points.get(pointOfLeaf(topic, leaf.path));
          return (
            <article key={leaf.path} className={styles.chart}>
              <header>
                <span title={point?.point ?? leaf.path}>{leaf.path || t('theValue')}</span>
                <strong className={styles.num}>{point
                  ? <Value point={point.point} unit={point.unit} /> : formatNumber(leaf.value)}
                </strong>
              </header>
              {point ? <Sparkline point={point.point} width={width} height={40} />
                : <SeenLine seen={seen} path={leaf.path} explorer={explorer} />}
              <footer>{point ? t('fromHistory') : t('fromSeen', { count: seen.length })}</footer>
            </article>
          );
        })}
      </div>
      {now.length > shownLeaves && <Note>{t('moreNumbers', { count: now.length - shownLeaves })}
      </Note>}
    </>
  );
}

function SeenLine({ seen, path, explorer }: {
  seen: Message[]; path: string; explorer: Explorer;
}): ReactNode {
  const rows = seen.map((one) => ({ time: one.time, value:
    leaves(one, explorer).find((leaf) => leaf.path === path)?.value ?? NaN }));
  return <SparkLine rows={rows} width={width} height={40} label={path} from={rows[0]?.time ?? 0}
    to={rows[rows.length - 1]?.time ?? 1} />;
}

// The same array as long as its texts are the same.
function useStable(texts: string[]): string[] {
  const key = texts.join('\n');
  return useMemo(() => (key ? key.split('\n') : []), [key]);
}
