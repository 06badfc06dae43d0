import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

// The server's policy takes styles of its own pages only; it names their nonce in the page.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

// Every editor of the console, in its colours: of both themes by its variables.
export const editorTheme: Extension = [
  nonce ? EditorView.cspNonce.of(nonce) : [],
  EditorView.theme({
    '&': { color: 'var(--hw-text)', backgroundColor: 'var(--hw-panel)', fontSize: '13px',
      height: '100%' },
    '&.cm-focused': { outline: '1px solid var(--hw-accent)', outlineOffset: '-1px' },
    '.cm-scroller': { fontFamily: 'var(--hw-mono)', lineHeight: '1.55' },
    '.cm-content': { caretColor: 'var(--hw-text)', padding: '8px 0' },
    '.cm-cursor': { borderLeftColor: 'var(--hw-text)' },
    '.cm-gutters': { backgroundColor: 'var(--hw-panel)', color: 'var(--hw-dim)', border: 'none' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--hw-raised)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
      { backgroundColor: 'var(--hw-accent-soft)' },
    '.cm-selectionBackground': { backgroundColor: 'var(--hw-accent-soft)' },
    '.cm-matchingBracket': { backgroundColor: 'var(--hw-accent-soft)' },
    '.cm-tooltip': { backgroundColor: 'var(--hw-raised)', color: 'var(--hw-text)',
      border: '1px solid var(--hw-line-strong)', borderRadius: '4px',
      boxShadow: 'var(--hw-shadow)' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]':
      { backgroundColor: 'var(--hw-accent-soft)', color: 'var(--hw-text)' },
    '.cm-completionDetail': { color: 'var(--hw-dim)', fontStyle: 'normal' },
    '.cm-completionInfo': { maxWidth: '360px', whiteSpace: 'pre-wrap', padding: '8px 10px' },
    '.cm-placeholder': { color: 'var(--hw-dim)' },
    '.cm-diagnostic-error': { borderLeftColor: 'var(--hw-alarm)' },
    '.cm-diagnostic-warning': { borderLeftColor: 'var(--hw-warn)' },
    '.cm-lintRange-error': { backgroundImage: 'none',
      textDecoration: 'underline wavy var(--hw-alarm)', textUnderlineOffset: '3px' },
    '.cm-lintRange-warning': { backgroundImage: 'none',
      textDecoration: 'underline wavy var(--hw-warn)', textUnderlineOffset: '3px' },
    '.cm-changedLine': { backgroundColor: 'var(--hw-accent-soft) !important' },
    '.cm-changedText': { background: 'none', textDecoration: 'underline var(--hw-warn)' },
    '.cm-panels': { backgroundColor: 'var(--hw-raised)', color: 'var(--hw-text)' },
  }),
  syntaxHighlighting(HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--hw-accent)', fontWeight: '600' },
    { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--hw-accent)' },
    { tag: tags.propertyName, color: 'var(--hw-accent)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--hw-ok)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--hw-note)' },
    { tag: [tags.lineComment, tags.blockComment], color: 'var(--hw-dim)', fontStyle: 'italic' },
    { tag: [tags.punctuation, tags.separator, tags.operator, tags.brace, tags.squareBracket],
      color: 'var(--hw-dim)' },
  ])),
];
