import { Button, Group, Skeleton, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { ApiError, getJson, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert } from '~/ui';
import { Conflict, type Difference } from './Conflict';
import { fieldsOf, flawsOf, settingsPatch, valuesOf, type Field } from './driverForm';
import { flawsOfError } from './flaws';
import styles from './gateway.module.css';
import { deviceUrl, readOnly, useDriver, type Device, type Flaw } from './model';
import { Note } from './parts';
import { SettingsFields } from './SettingsFields';
import { sayDeviceUndo } from './undo';
import { useParams } from './useParam';
import { words } from './words';

export interface Draft {
  name: string;
  description: string;
  values: Record<string, string>;
}

const draftOf = (device: Device, fields: Field[]): Draft => ({
  name: device.name, description: device.description, values: valuesOf(fields, device.settings),
});

// What this person changed, and what another one changed meanwhile.
export function differences(base: Draft, mine: Draft, theirs: Draft): Difference[] {
  const flat = ({ name, description, values }: Draft): Record<string, string> =>
    ({ name, description, ...values });
  const [was, left, right] = [flat(base), flat(mine), flat(theirs)];
  return Object.keys(was).flatMap((field) => {
    const [own, other] = [left[field] ?? '', right[field] ?? ''];
    const [iDid, theyDid] = [own !== was[field], other !== was[field]];
    return iDid || theyDid
      ? [{ field, mine: iDid ? own : undefined, theirs: theyDid ? other : undefined }] : [];
  });
}

export function DeviceSettings({ device, reload }: {
  device: Device; reload: () => void;
}): ReactNode {
  const driver = useDriver(device.driver);
  if (driver.isError) return <ProblemAlert error={driver.error} />;
  if (!driver.data) return <Skeleton height={200} />;
  return <SettingsForm device={device} fields={fieldsOf(driver.data.settings)}
    title={driver.data.title} reload={reload} />;
}

function SettingsForm({ device, fields, title, reload }: {
  device: Device; fields: Field[]; title: string; reload: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const { set } = useParams();
  const mayChange = useMay('engineer');
  const fixed = readOnly(device) || !mayChange;
  const [draft, setDraft] = useState(() => draftOf(device, fields));
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [theirs, setTheirs] = useState<Device | null>(null);
  const patch = useMemo(() => {
    const settings = settingsPatch(fields, draft.values, device.settings);
    return {
      ...(draft.name.trim() !== device.name ? { name: draft.name.trim() } : {}),
      ...(draft.description !== device.description ? { description: draft.description } : {}),
      ...(Object.keys(settings).length ? { settings } : {}),
    };
  }, [draft, device, fields]);
  const changed = Object.keys(patch).length > 0;
  const bad = Object.keys(flawsOf(fields, draft.values)).length > 0;
  const save = async (over: Device) => {
    setBusy(true);
    setError(null);
    setFlaws([]);
    try {
      // The patch has what this person changed; what others changed beside it stays.
      const saved = await sendJson<Device>('PATCH', deviceUrl(device.name), patch,
        { headers: { 'If-Match': `"${over.revision}"` } });
      client.setQueryData(['gateway', 'device', saved.name], saved);
      await client.invalidateQueries({ queryKey: ['gateway'] });
      // Another name moves points: that is not taken back by the way.
      if (saved.name === device.name)
        void sayDeviceUndo(client, over, t('deviceChanged', { name: device.name }));
      if (saved.name !== device.name) set({ device: saved.name });
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 412)
        setTheirs(await getJson<Device>(deviceUrl(device.name)));
      else if (failed instanceof ApiError && failed.status === 422)
        setFlaws(flawsOfError(failed));
      else setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const atField = Object.fromEntries(flaws.map((flaw) => [flaw.field ?? '', flaw.text]));
  const known = new Set([...fields.map((field) => field.name), 'name', 'description']);
  return (
    <form className={`${styles.page} ${styles.scroll}`} onSubmit={(event) => {
      event.preventDefault();
      if (changed && !bad && !busy) void save(device);
    }}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{title}</h2>
        <div className={styles.form} style={{ marginBottom: 14 }}>
          <TextInput size="xs" label={t('name')} value={draft.name} disabled={fixed}
            error={atField.name} description={t('renameHelp')} spellCheck={false}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
          <TextInput size="xs" label={t('description')} value={draft.description} disabled={fixed}
            error={atField.description} maxLength={256}
            onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })} />
        </div>
        <SettingsFields fields={fields} values={draft.values} flaws={atField} fixed={fixed}
          onChange={(values) => setDraft({ ...draft, values })} />
      </section>
      {flaws.filter((flaw) => !known.has(flaw.field ?? '')).map((flaw) => (
        <Note kind="alarm" key={flaw.text}>{flaw.text}</Note>))}
      <ProblemAlert error={error} />
      {!fixed && (
        <Group>
          <Button type="submit" disabled={!changed || bad} loading={busy}>{t('save')}</Button>
          <Button variant="default" disabled={!changed}
            onClick={() => setDraft(draftOf(device, fields))}>{t('undo')}</Button>
          {'settings' in patch && <span className={styles.dim}>{t('relinkHelp')}</span>}
        </Group>)}
      {theirs && (
        <Conflict differences={
          differences(draftOf(device, fields), draft, draftOf(theirs, fields))}
          onClose={() => setTheirs(null)}
          onTheirs={() => {
            setTheirs(null);
            reload();
          }}
          onMine={() => {
            const over = theirs;
            setTheirs(null);
            void save(over);
          }} />)}
    </form>
  );
}
