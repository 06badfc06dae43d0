import { ActionIcon, Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './ui.module.css';
import { words } from './words';

export function CopyCode({ code }: { code: string }): ReactNode {
  const t = words.use();
  return (
    <div className={styles.code}>
      {/* It scrolls where it is longer than its place: by keys too. */}
      <code tabIndex={0}>{code}</code>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" size="sm" aria-label={t('copy')} onClick={copy}
            title={copied ? t('copied') : t('copy')}>
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}

// An empty state teaches: one sentence, one button, one command to copy.
export function Empty({ title, text, action, command }: {
  title: string; text: string; action?: { label: string; run: () => void }; command?: string;
}): ReactNode {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      <p>{text}</p>
      {action && <Button onClick={action.run}>{action.label}</Button>}
      {command && <CopyCode code={command} />}
    </div>
  );
}
