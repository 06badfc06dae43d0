import { ActionIcon, Autocomplete, Button, Group, Stack, TextInput, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import type { Page, Twin } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import { scenarioUrl, useInputs, type Scenario, type ScenarioSpec } from './data';
import { draftOf, flawsOf, specOf, type Draft, type DraftOverride } from './draft';

// A scenario to make or change: the site, how long, and what is set otherwise.
export function ScenarioForm({ scenario, onDone }: {
  scenario?: Scenario; onDone: (id: string) => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const sites = useQuery({
    queryKey: ['twin-sites'],
    queryFn: () => getJson<Page<Twin>>(
      '/api/v1/twins?model=dtmi:headworks:water:Site;1&values=false&limit=100')
      .then((page) => page.items.map((one) => one.id)),
  });
  const [draft, setDraft] = useState<Draft>(() => draftOf(scenario));
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const site = draft.site || sites.data?.[0] || '';
  const inputs = useInputs(site);
  const flaws = flawsOf({ ...draft, site });
  const put = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const save = async () => {
    setTried(true);
    if (Object.keys(flaws).length) return;
    setBusy(true);
    try {
      const spec: ScenarioSpec = specOf({ ...draft, site }, scenario);
      const made = scenario
        ? await sendJson<Scenario>('PUT', scenarioUrl(scenario.id), spec)
        : await sendJson<Scenario>('POST', '/api/v1/scenarios?run=true', spec);
      if (scenario) await sendJson('POST', scenarioUrl(made.id, '/run'));
      await client.invalidateQueries({ queryKey: ['scenarios'] });
      onDone(made.id);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const field = (name: 'id' | 'name' | 'start' | 'horizon' | 'step', hint?: string) => (
    <TextInput label={t(`scenario_${name}`)} description={hint} value={draft[name]}
      disabled={name === 'id' && Boolean(scenario)}
      error={tried && flaws[name] ? t(flaws[name]) : undefined}
      onChange={(event) => put({ [name]: event.currentTarget.value })} />);
  return (
    <div className={styles.scroll}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        <Stack gap="sm" maw={980}>
          <h2 style={{ fontSize: 18, margin: 0 }}>{scenario ? t('editScenario')
            : t('newScenario')}</h2>
          <div className={styles.formGrid}>
            {field('name')}
            {field('id', t('idOptional'))}
            <Autocomplete label={t('site')} required value={site} data={sites.data ?? []}
              error={tried && flaws.site ? t(flaws.site) : undefined}
              onChange={(next) => put({ site: next })} />
            {field('start', t('startHint'))}
            {field('horizon', t('horizonHint'))}
            {field('step', t('stepHint'))}
          </div>
          <Overrides rows={draft.overrides} tried={tried} flaws={flaws}
            inputs={inputs.data?.items.flatMap((one) => one.inputs ?? []) ?? []}
            onChange={(overrides) => put({ overrides })} />
          {inputs.error && <p className={styles.hint}>△ {inputs.error.message}</p>}
          <Textarea label={t('scenarioParameters')} description={t('scenarioParametersHint')}
            autosize minRows={2} value={draft.parameters}
            styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12 } }}
            error={flaws.parameters ? t(flaws.parameters) : undefined}
            onChange={(event) => put({ parameters: event.currentTarget.value })} />
          <ProblemAlert error={error} />
          <Group>
            <Button type="submit" loading={busy}>{t('saveAndRun')}</Button>
          </Group>
        </Stack>
      </form>
    </div>
  );
}

function Overrides({ rows, inputs, onChange, tried, flaws }: {
  rows: DraftOverride[]; tried: boolean; flaws: ReturnType<typeof flawsOf>;
  inputs: { twin: string; path: string; unit: string; help: string }[];
  onChange: (rows: DraftOverride[]) => void;
}): ReactNode {
  const t = words.use();
  const put = (index: number, change: Partial<DraftOverride>) =>
    onChange(rows.map((row, i) => (i === index ? { ...row, ...change } : row)));
  return (
    <section className={styles.section}>
      <h3>{t('overrides')}</h3>
      <table className={styles.table}>
        <thead><tr>
          <th scope="col" style={{ width: '48%' }}>{t('whatIsSet')}</th>
          <th scope="col">{t('value')}</th><th scope="col">{t('from')}</th>
          <th scope="col">{t('to')}</th>
          <th><span className="hw-visually-hidden">{t('remove')}</span></th>
        </tr></thead>
        <tbody>
          {rows.map((row, index) => {
            const known = inputs.find((one) => `${one.twin} ${one.path}` === row.slot);
            const flaw = flaws[`override${index}`];
            return (
              <tr key={index}>
                <td>
                  <Autocomplete size="xs" value={row.slot} limit={200}
                    aria-label={t('whatIsSet')} placeholder="bluewater/plant1/highlift/pump1 run"
                    data={inputs.map((one) => `${one.twin} ${one.path}`)}
                    onChange={(slot) => put(index, { slot })} />
                  {known && <div className={styles.hint}>{known.help}</div>}
                  {tried && flaw && <div className={styles.fieldError}>{t(flaw)}</div>}
                </td>
                <td><TextInput size="xs" value={row.value} aria-label={t('value')}
                  placeholder="true, 220" rightSection={known?.unit
                    ? <span className={styles.hint}>{known.unit}</span> : undefined}
                  onChange={(event) => put(index, { value: event.currentTarget.value })} /></td>
                <td><TextInput size="xs" value={row.from} placeholder="+1h" aria-label={t('from')}
                  onChange={(event) => put(index, { from: event.currentTarget.value })} /></td>
                <td><TextInput size="xs" value={row.to} placeholder="+3h" aria-label={t('to')}
                  onChange={(event) => put(index, { to: event.currentTarget.value })} /></td>
                <td className={styles.tight}>
                  <ActionIcon size="sm" variant="subtle" aria-label={t('remove')}
                    onClick={() => onChange(rows.filter((_, i) => i !== index))}>
                    <Trash2 size={14} /></ActionIcon></td>
              </tr>);
          })}
        </tbody>
      </table>
      <Button mt={8} size="compact-sm" variant="default" leftSection={<Plus size={13} />}
        onClick={() => onChange([...rows, { slot: '', value: '', from: '', to: '' }])}>
        {t('addOverride')}</Button>
    </section>
  );
}
