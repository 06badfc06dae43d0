import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { getJson, query } from '~/lib/api';
import { usePrefs } from '~/lib/prefs';
import { pages, placeOf } from './pages';
import '~/styles';
import styles from './shell.module.css';
import { words } from './words';

type Kind = 'page' | 'point' | 'twin' | 'device' | 'rule' | 'client' | 'action';
interface Hit {
  kind: Kind;
  id: string;
  text: string;
  run: () => void;
}

const hitsLimit = 50;

interface Found {
  items: { kind: Kind; id: string; title?: string }[];
}

// Search over everything that has a name, pages and actions. Up, down, Enter; Esc closes.
export default function Palette({ opened, onClose, keys, onCloseKeys }: {
  opened: boolean; onClose: () => void; keys: boolean; onCloseKeys: () => void;
}): ReactNode {
  const t = words.use();
  return (
    <>
      <Modal opened={opened} onClose={onClose} withCloseButton={false} size="lg" yOffset="8vh"
        title={t('palette')}
        styles={{ header: { display: 'none' }, body: { paddingTop: 'var(--mb-padding)' } }}>
        <PaletteBody onClose={onClose} />
      </Modal>
      <Modal opened={keys} onClose={onCloseKeys} title={t('keys')} size="sm"
        closeButtonProps={{ 'aria-label': t('close') }}>
        <dl className={styles.keys}>
          <dt><kbd>Ctrl</kbd><kbd>K</kbd></dt><dd>{t('keysPalette')}</dd>
          {pages.map(({ id, key }) => [
            <dt key={id}><kbd>g</kbd><kbd>{key}</kbd></dt>,
            <dd key={`${id}-text`}>{t('keysGo', { page: t(id) })}</dd>,
          ])}
          <dt><kbd>[</kbd></dt><dd>{t('keysRail')}</dd>
          <dt><kbd>Esc</kbd></dt><dd>{t('keysEscape')}</dd>
          <dt><kbd>?</kbd></dt><dd>{t('keysHelp')}</dd>
        </dl>
      </Modal>
    </>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const { scheme, language, units, set } = usePrefs();
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const [chosen, setChosen] = useState(0);
  const found = useQuery({
    queryKey: ['search', wanted],
    queryFn: ({ signal }) =>
      getJson<Found>(`/api/v1/search${query({ q: wanted, limit: hitsLimit })}`, { signal }),
    enabled: wanted.length > 0,
    placeholderData: (old) => old,
  });
  const hits = useMemo(() => {
    const lower = text.trim().toLowerCase();
    const fits = (label: string) => label.toLowerCase().includes(lower);
    const all: Hit[] = pages
      .filter(({ id }) => fits(t(id)) || fits(id))
      .map(({ id, path }) => ({ kind: 'page', id, text: t(id), run: () => void go(path) }));
    const actions: [string, string, () => void][] = [
      ['theme', `${t('theme')}: ${t(scheme === 'dark' ? 'light' : 'dark')}`,
        () => set({ scheme: scheme === 'dark' ? 'light' : 'dark' })],
      ['language', language === 'en' ? '语言：中文' : 'Language: English',
        () => set({ language: language === 'en' ? 'zh' : 'en' })],
      ['units', `${t('units')}: ${t(units === 'si' ? 'us' : 'si')}`,
        () => set({ units: units === 'si' ? 'us' : 'si' })],
    ];
    for (const [id, label, run] of actions)
      if (fits(label)) all.push({ kind: 'action', id, text: label, run });
    if (lower)
      for (const { kind, id, title } of found.data?.items ?? [])
        all.push({ kind, id, text: title && title !== id ? `${title} · ${id}` : id,
          run: () => void go(placeOf(kind, id)) });
    return all.slice(0, hitsLimit + pages.length);
  }, [text, found.data, t, go, scheme, language, units, set]);
  const at = Math.min(chosen, Math.max(0, hits.length - 1));
  const run = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    hit.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen(Math.min(at + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(at - 1, 0));
    else if (event.key === 'Enter') run(hits[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput data-autofocus placeholder={t('paletteHint')} aria-label={t('palette')}
        value={text} role="combobox" aria-expanded="true" aria-controls="palette-hits"
        aria-activedescendant={hits.length ? `hit-${at}` : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey} />
      <div className={styles.hits} role="listbox" id="palette-hits" aria-label={t('palette')}>
        {hits.map((hit, i) => (
          <div key={`${hit.kind} ${hit.id}`} id={`hit-${i}`} role="option" aria-selected={i === at}
            className={styles.hit} onPointerMove={() => setChosen(i)} onClick={() => run(hit)}
            ref={i === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}>
            <span className={styles.kind}>{t(`kind_${hit.kind}`)}</span>
            <span className={styles.text}>{hit.text}</span>
          </div>
        ))}
        {hits.length === 0 && <p className="hw-dim">{t('nothingFound', { text })}</p>}
      </div>
    </>
  );
}
