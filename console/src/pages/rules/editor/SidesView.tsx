import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type ReactNode } from 'react';
import type { RuleSpec } from '../data';
import styles from '../rules.module.css';
import { editorTheme } from './theme';

// A rule as text that reads and compares well: the statement as it is, then the rest.
export const ruleText = (spec: RuleSpec): string => {
  const { sql, ...rest } = spec;
  return `${sql}\n\n${JSON.stringify(rest, null, 2)}\n`;
};

// Two rules beside each other, what differs marked.
export default function SidesView({ left, right, leftLabel, rightLabel }: {
  left: RuleSpec; right: RuleSpec; leftLabel: string; rightLabel: string;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [a, b] = [ruleText(left), ruleText(right)];
  useEffect(() => {
    if (!place.current) return;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [lineNumbers(), editorTheme, EditorState.readOnly.of(true),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })],
    });
    const view = new MergeView({
      parent: place.current, a: side(a, leftLabel), b: side(b, rightLabel), gutter: true,
      collapseUnchanged: { margin: 3, minSize: 8 },
    });
    return () => view.destroy();
  }, [a, b, leftLabel, rightLabel]);
  return (
    <div className={styles.sides}>
      <div className={styles.sidesHead}><span>{leftLabel}</span><span>{rightLabel}</span></div>
      <div className={styles.sidesBody} ref={place} />
    </div>
  );
}
