import { json } from '@codemirror/lang-json';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type ReactNode } from 'react';
import styles from './code.module.css';
import { editorTheme } from './theme';

// Two texts beside each other, what differs marked. `plain`: not JSON.
export default function SidesView({ left, right, leftLabel, rightLabel, plain = false }: {
  left: string; right: string; leftLabel: string; rightLabel: string; plain?: boolean;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [plain ? [] : json(), lineNumbers(), editorTheme, EditorState.readOnly.of(true),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })],
    });
    const view = new MergeView({
      parent: place.current, a: side(left, leftLabel), b: side(right, rightLabel), gutter: true,
      collapseUnchanged: { margin: 3, minSize: 8 },
    });
    return () => view.destroy();
  }, [left, right, leftLabel, rightLabel, plain]);
  return (
    <div className={styles.sides}>
      <div className={styles.sidesHead}><span>{leftLabel}</span><span>{rightLabel}</span></div>
      <div className={styles.sidesBody} ref={place} />
    </div>
  );
}
