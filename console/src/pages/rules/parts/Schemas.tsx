import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { seg, send, sendJson } from '~/lib/api';
import { useSchemas } from '../data';
import { words } from '../words';
import { TextThings, type TextThing } from './TextThings';

const example = JSON.stringify({ type: 'record', name: 'Reading', fields: [
  { name: 'time', type: 'long' }, { name: 'value', type: 'double' }] }, null, 2);

// Schemas of schema_decode() and schema_encode().
export function Schemas({ mayEdit }: { mayEdit: boolean }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const schemas = useSchemas();
  const refresh = () => client.invalidateQueries({ queryKey: ['schemas'] });
  const put = (thing: TextThing) => sendJson('PUT', `/api/v1/schemas/${seg(thing.name)}`,
    { type: thing.kind, schema: thing.text }).then(refresh);
  return (
    <TextThings label={t('schemas')} newLabel={t('newSchema')} textLabel={t('schemaText')}
      emptyText={t('schemasEmpty') + '. ' + t('schemasEmptyText')} named mayEdit={mayEdit}
      command={'curl -X PUT localhost:8080/api/v1/schemas/reading -d @reading.json'}
      kinds={['avro', 'protobuf', 'json']} error={schemas.error} put={put}
      things={(schemas.data ?? []).map((one) => ({ name: one.name, kind: one.type,
        text: typeof one.schema === 'string' ? one.schema : JSON.stringify(one.schema, null, 2) }))}
      start={{ name: '', kind: 'avro', text: example }}
      remove={(thing) => send(`/api/v1/schemas/${seg(thing.name)}`, { method: 'DELETE' })
        .then(refresh)} />
  );
}
