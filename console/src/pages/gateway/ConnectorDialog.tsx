import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { ProblemAlert, State } from '~/ui';
import { asDriverSetting, bodyOf, type Connector, type ConnectorKind } from './Connectors';
import { fieldsOf, flawsOf, settingsOf, valuesOf, type FormValues } from './driverForm';
import { Note } from './parts';
import { SettingsFields } from './SettingsFields';
import { words } from './words';

const mainSettings = new Set(['url', 'server', 'host', 'brokers', 'servers', 'database', 'username',
  'path', 'token', 'org', 'bucket', 'from']);

const fieldsOfKind = (kind: ConnectorKind | undefined) =>
  fieldsOf((kind?.connection ?? []).map(asDriverSetting))
    .map((field) => ({ ...field, main: mainSettings.has(field.name), required: false }))
    .sort((left, right) => Number(right.main) - Number(left.main));

export function ConnectorDialog({ connector, kinds, onClose }: {
  connector: Connector | null; kinds: ConnectorKind[]; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [kindName, setKindName] = useState(connector?.kind ?? 'mqtt');
  const kind = kinds.find((one) => one.kind === kindName);
  const fields = useMemo(() => fieldsOfKind(kind), [kind]);
  const [values, setValues] = useState<FormValues>(() => valuesOf(fields,
    connector?.settings ?? {}));
  const [name, setName] = useState(connector?.name ?? '');
  const [description, setDescription] = useState(connector?.description ?? '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [good, setGood] = useState(false);
  const ready = name.trim() !== '' && Object.keys(flawsOf(fields, values)).length === 0;
  const body = () => bodyOf({ name: name.trim(), kind: kindName, description,
    settings: settingsOf(fields, values) });
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    setGood(false);
    try {
      await work();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const test = () => attempt(async () => {
    await sendJson('POST', '/api/v1/connectors/test', body());
    setGood(true);
  });
  const save = () => attempt(async () => {
    await sendJson('PUT', `/api/v1/connectors/${seg(name.trim())}`, body());
    await client.invalidateQueries({ queryKey: ['gateway', 'connectors'] });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} size={820} title={connector?.name ?? t('newConnector')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void save();
      }}>
        <Stack gap="sm">
          <Group align="flex-start" grow>
            <Select size="xs" label={t('kind')} value={kindName} allowDeselect={false}
              disabled={connector !== null} description={kind?.help}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              data={kinds.map((one) => ({ value: one.kind, label: one.title }))}
              onChange={(value) => {
                const next = kinds.find((one) => one.kind === value);
                setKindName(value ?? kindName);
                setValues(valuesOf(fieldsOfKind(next), {}));
                setGood(false);
              }} />
            <TextInput size="xs" label={t('name')} value={name} disabled={connector !== null}
              required data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
            <TextInput size="xs" label={t('description')} value={description}
              onChange={(event) => setDescription(event.currentTarget.value)} />
          </Group>
          <SettingsFields fields={fields} values={values} onChange={(next) => {
            setValues(next);
            setGood(false);
          }} />
          <ProblemAlert error={error} />
          {good && <Note kind="ok"><State kind="ok">{t('conOk')}</State></Note>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button variant="default" disabled={!ready} loading={busy}
              onClick={() => void test()}>{t('testConnection')}</Button>
            <Button type="submit" disabled={!ready} loading={busy}>{t('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
