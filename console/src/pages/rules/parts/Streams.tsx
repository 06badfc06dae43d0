import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { seg, send, sendJson } from '~/lib/api';
import { useStreams } from '../data';
import { streamColumns } from '../editor/complete';
import styles from '../rules.module.css';
import { words } from '../words';
import { PushBox } from './PushBox';
import { TextThings, type TextThing } from './TextThings';

const example = 'CREATE STREAM pumps (\n  id BIGINT,\n  flow FLOAT,\n  running BOOLEAN\n) '
  + 'WITH (DATASOURCE="plant/+/pump", FORMAT="json")';

// Streams and tables that rules read by name.
export function Streams({ mayEdit }: { mayEdit: boolean }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const streams = useStreams();
  const refresh = () => client.invalidateQueries({ queryKey: ['streams'] });
  const put = (thing: TextThing, old: TextThing | null) => (old
    ? sendJson('PUT', `/api/v1/streams/${seg(old.name)}`, { sql: thing.text })
    : sendJson('POST', '/api/v1/streams', { sql: thing.text })).then(refresh);
  return (
    <TextThings label={t('streams')} newLabel={t('newStream')} textLabel={t('statement')}
      emptyText={t('streamsEmpty') + '. ' + t('streamsEmptyText')} named={false} mayEdit={mayEdit}
      command={'headworks stream create \'CREATE STREAM s () WITH (DATASOURCE="s/#")\''}
      things={(streams.data ?? []).map((one) => ({
        name: one.name, kind: one.table ? 'table' : 'stream', text: one.sql }))}
      error={streams.error} start={{ name: '', kind: 'stream', text: example }} put={put}
      remove={(thing) => send(`/api/v1/streams/${seg(thing.name)}`, { method: 'DELETE' })
        .then(refresh)}
      kindText={(kind) => t(kind === 'table' ? 'table' : 'stream')}
      extra={(thing) => {
        const columns = streamColumns(thing.text);
        return (
          <>
            {columns.length > 0
              && <p className={styles.note}>{t('columns')}: {columns.join(', ')}</p>}
            <PushBox sql={thing.text} />
          </>);
      }} />
  );
}
