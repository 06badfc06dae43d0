import { Button, Group, Skeleton, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiError, getJson, sendJson } from '~/lib/api';
import { ProblemAlert, State } from '~/ui';
import {
  fieldsOf, flawsOf, settingsOf, settingsPatch, valuesOf, type Field, type FormValues,
} from './driverForm';
import { flawsOfError } from './flaws';
import styles from './gateway.module.css';
import {
  deviceUrl, useDriver, type Device, type DeviceState, type Driver, type Flaw,
} from './model';
import { Note } from './parts';
import { SettingsFields } from './SettingsFields';
import { words } from './words';

interface Props {
  driverName: string;
  device: Device | undefined;
  onBack: () => void;
  onMade: (name: string) => void;
  onNext: () => void;
}

export function WizardConnect(props: Props): ReactNode {
  const driver = useDriver(props.driverName);
  if (driver.isError) return <ProblemAlert error={driver.error} />;
  if (!driver.data) return <Skeleton height={240} />;
  return <ConnectForm {...props} driver={driver.data} fields={fieldsOf(driver.data.settings)} />;
}

type Tried = { ok: true; text: 'tryUp' | 'tryListening' } | { ok: false; why: string };

const tryForMs = 12_000;
const pause = (ms: number) => new Promise((resolve) => window.setTimeout(resolve, ms));

// Waits until the link of a device is up or has failed once.
async function tryLink({ name, state: before }: Device): Promise<Tried> {
  const end = Date.now() + tryForMs;
  for (;;) {
    const state = await getJson<DeviceState>(`${deviceUrl(name)}/state`);
    if (state.link === 'connected') return { ok: true, text: 'tryUp' };
    if (state.link === 'listening') return { ok: true, text: 'tryListening' };
    // An error of before this try stays in the state; the next one comes with the next attempt.
    if (state.last_error && state.last_error_time !== before?.last_error_time)
      return { ok: false, why: state.last_error };
    if (Date.now() > end) return { ok: false, why: '' };
    await pause(300);
  }
}

function ConnectForm({ driver, fields, device, onBack, onMade, onNext }: Props & {
  driver: Driver; fields: Field[];
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [name, setName] = useState(device?.name ?? '');
  const [values, setValues] = useState<FormValues>(() => valuesOf(fields, device?.settings ?? {}));
  const [strict, setStrict] = useState(false);
  const [flaws, setFlaws] = useState<Flaw[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const [made, setMade] = useState(device);
  const store = async (): Promise<Device> => {
    if (!made)
      return sendJson<Device>('POST', '/api/v1/devices', {
        name: name.trim(), driver: driver.name, settings: settingsOf(fields, values),
      });
    const settings = settingsPatch(fields, values, made.settings);
    return sendJson<Device>('PATCH', deviceUrl(made.name), { name: name.trim(), settings },
      { headers: { 'If-Match': `"${made.revision}"` } });
  };
  const test = async (): Promise<boolean> => {
    setStrict(true);
    if (!name.trim() || Object.keys(flawsOf(fields, values)).length) return false;
    setBusy(true);
    setTried(null);
    setFlaws([]);
    setError(null);
    try {
      const stored = await store();
      setMade(stored);
      client.setQueryData(['gateway', 'device', stored.name], stored);
      onMade(stored.name);
      const result = await tryLink(stored);
      setTried(result);
      void client.invalidateQueries({ queryKey: ['gateway'] });
      return result.ok;
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 422) setFlaws(flawsOfError(failed));
      else setError(failed);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    if (!made) return;
    await sendJson('DELETE', deviceUrl(made.name)).catch(setError);
    await client.invalidateQueries({ queryKey: ['gateway'] });
    setMade(undefined);
    setTried(null);
    onMade('');
  };
  const atField = Object.fromEntries(flaws.map((flaw) => [flaw.field ?? '', flaw.text]));
  const known = new Set([...fields.map((field) => field.name), 'name']);
  return (
    <form style={{ display: 'contents' }} onSubmit={(event) => {
      event.preventDefault();
      if (tried?.ok && made) onNext();
      else void test();
    }}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{driver.title}</h2>
        <p className={styles.dim} style={{ margin: '0 0 12px' }}>{driver.help}</p>
        <div className={styles.form} style={{ marginBottom: 12 }}>
          <TextInput size="xs" label={t('deviceName')} required data-autofocus autoFocus
            value={name} placeholder="area1/plc1" spellCheck={false} description={t('nameHelp')}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            error={atField.name ?? (strict && !name.trim() ? t('fl_needed') : undefined)}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setTried(null);
            }} />
        </div>
        <SettingsFields fields={fields} values={values} flaws={atField} strict={strict}
          onChange={(next) => {
            setValues(next);
            setTried(null);
          }} />
      </section>
      {flaws.filter((flaw) => !known.has(flaw.field ?? '')).map((flaw) => (
        <Note kind="alarm" key={flaw.text}>{flaw.text}</Note>))}
      <ProblemAlert error={error} />
      <div aria-live="polite" style={{ minHeight: 40 }}>
        {tried?.ok && <Note kind="ok"><State kind="ok">{t(tried.text)}</State></Note>}
        {tried && !tried.ok && (
          <Note kind="alarm">
            <State kind="alarm"><strong>{t('tryFailed')}</strong></State>
            <div>{tried.why || t('trySilent')}</div>
            <div className={styles.dim}>{t('tryHelp')}</div>
          </Note>)}
      </div>
      <Group>
        <Button variant="default" onClick={onBack} disabled={Boolean(made)}>{t('back')}</Button>
        {made && !busy && (
          <Button variant="subtle" onClick={() => void remove()}>{t('removeMade')}</Button>)}
        <span className={styles.spring} />
        {tried && !tried.ok && made && (
          <Button variant="default" onClick={onNext}>{t('goOnAnyway')}</Button>)}
        {tried?.ok
          ? <Button type="submit">{t('next')}</Button>
          : <Button type="submit" loading={busy}>{t('testConnection')}</Button>}
      </Group>
    </form>
  );
}
