import {
  ActionIcon, Button, Checkbox, Group, Modal, NumberInput, Stack, Text,
} from '@mantine/core';
import { ListVideo, Plus, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { usePrefs } from '~/lib/prefs';
import '~/styles';
import { later } from './later/words';
import { pages } from './pages';
import styles from './shell.module.css';
import { asTelevision, nextAddress, plainAddress } from './rotation';
import { words } from './words';

const leastSeconds = 5;
const mostSeconds = 3600;
const pointerShownMs = 4000;

// Keeps the screen on as long as the browser allows it: asked anew when the tab is seen again.
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let ended = false;
    const ask = async () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      try {
        const got = await navigator.wakeLock.request('screen');
        if (ended) await got.release();
        else lock = got;
      } catch {
        // Refused at a low battery, or where there is no TLS: the screen follows its own rules.
        lock = null;
      }
    };
    void ask();
    const seen = () => void ask();
    document.addEventListener('visibilitychange', seen);
    return () => {
      ended = true;
      document.removeEventListener('visibilitychange', seen);
      void lock?.release();
    };
  }, []);
}

// Goes from page to page; whoever touches keys or pointer stops it for one more turn.
function useRotation(addresses: string[], seconds: number): void {
  const go = useNavigate();
  const touched = useRef(0);
  useEffect(() => {
    const touch = () => {
      touched.current = Date.now();
    };
    const events = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
    for (const event of events) window.addEventListener(event, touch, { passive: true });
    return () => {
      for (const event of events) window.removeEventListener(event, touch);
    };
  }, []);
  useEffect(() => {
    if (addresses.length < 2) return;
    const timer = window.setInterval(() => {
      if (Date.now() - touched.current < seconds * 1000) return;
      const { pathname, search } = window.location;
      void go(asTelevision(nextAddress(addresses, pathname + search)), { replace: true });
    }, seconds * 1000);
    return () => window.clearInterval(timer);
  }, [addresses, seconds, go]);
}

function useHiddenPointer(): void {
  useEffect(() => {
    let timer = 0;
    const show = () => {
      document.body.style.cursor = '';
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        document.body.style.cursor = 'none';
      }, pointerShownMs);
    };
    show();
    window.addEventListener('pointermove', show);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener('pointermove', show);
      document.body.style.cursor = '';
    };
  }, []);
}

// What TV mode adds to the top bar: the screen stays on, pages take turns, and their choice.
export default function Television(): ReactNode {
  const t = later.use();
  const { tvPages, tvSeconds } = usePrefs();
  const [choosing, setChoosing] = useState(false);
  useWakeLock();
  useHiddenPointer();
  useRotation(choosing ? [] : tvPages, tvSeconds);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('tvPages')} title={t('tvPages')}
        onClick={() => setChoosing(true)}>
        <ListVideo size={17} />
      </ActionIcon>
      {choosing && <Choice onClose={() => setChoosing(false)} />}
    </>
  );
}

function Choice({ onClose }: { onClose: () => void }): ReactNode {
  const t = later.use();
  const tp = words.use();
  const { pathname, search } = useLocation();
  const { tvPages, tvSeconds, set } = usePrefs();
  const here = plainAddress(pathname + search);
  const named = pages.map(({ id, path }) => ({ text: tp(id), address: path }));
  const own = tvPages.filter((one) => !named.some(({ address }) => address === one));
  const toggle = (address: string, on: boolean) => set({
    tvPages: on ? [...tvPages, address] : tvPages.filter((one) => one !== address),
  });
  return (
    <Modal opened onClose={onClose} title={t('tvPages')} size="md"
      closeButtonProps={{ 'aria-label': t('closeWindow') }}>
      <Stack gap="sm">
        <Text size="sm" c="var(--hw-dim)">{t('tvHelp')}</Text>
        <div className={styles.tvList}>
          {named.map(({ text, address }) => (
            <Checkbox key={address} label={text} checked={tvPages.includes(address)}
              onChange={(event) => toggle(address, event.currentTarget.checked)} />))}
        </div>
        {own.map((address) => (
          <Group key={address} gap="xs" wrap="nowrap">
            <code className={`hw-mono ${styles.tvOwn}`}>{address}</code>
            <ActionIcon variant="subtle" color="gray" aria-label={t('tvRemove', { address })}
              onClick={() => toggle(address, false)}><Trash2 size={15} /></ActionIcon>
          </Group>))}
        {!tvPages.includes(here) && !named.some(({ address }) => address === here) && (
          <Button size="xs" variant="default" w="fit-content" leftSection={<Plus size={14} />}
            onClick={() => toggle(here, true)}>{t('tvAddThis')}</Button>)}
        <NumberInput size="xs" w={180} label={t('tvSeconds')} value={tvSeconds} suffix=" s"
          min={leastSeconds} max={mostSeconds} clampBehavior="blur"
          onChange={(value) => {
            const seconds = Number(value);
            if (seconds >= leastSeconds && seconds <= mostSeconds) set({ tvSeconds: seconds });
          }} />
        <Text size="xs" c="var(--hw-dim)">{t('tvSession')}</Text>
      </Stack>
    </Modal>
  );
}
