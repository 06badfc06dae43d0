import {
  autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippetCompletion,
  startCompletion, type Completion, type CompletionContext, type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import {
  drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef, type ReactNode } from 'react';
import { placeIn, suggest, type Sources, type Suggestion } from './complete';
import { columnsOf, ruleDialect } from './language';
import { spanOf, type Span } from './locate';
import { editorTheme } from '~/ui/code/theme';
import { topicSuggestions } from './topics';
import styles from '../rules.module.css';

export interface Flaw {
  line: number;
  column: number;
  text: string;
}

const icons: Record<Suggestion['kind'], string> = {
  keyword: 'keyword', window: 'class', function: 'function', column: 'property', stream: 'type',
  topic: 'text', schema: 'constant', snippet: 'text',
};
const boosts: Partial<Record<Suggestion['kind'], number>> = { column: 2, stream: 2, keyword: 1 };

function asCompletion(one: Suggestion): Completion {
  return {
    label: one.label, type: icons[one.kind], detail: one.detail, info: one.help,
    boost: boosts[one.kind],
    apply: (view, _completion, from, to) => {
      const cursor = from + one.insert.length - (one.back ?? 0);
      view.dispatch({
        changes: { from, to, insert: one.insert }, selection: { anchor: cursor },
        userEvent: 'input.complete',
      });
      if (one.more) window.setTimeout(() => startCompletion(view), 0);
    },
  };
}

async function complete(
  context: CompletionContext, sources: Sources,
): Promise<CompletionResult | null> {
  const whole = context.state.doc.toString();
  const place = placeIn(whole.slice(0, context.pos));
  if (place.kind === 'topic') {
    const { from, all } = await topicSuggestions(place.typed);
    return { from: place.from + from, options: all.map(asCompletion), validFor: /^[^/'"]*$/ };
  }
  if (!context.explicit && !place.typed && place.kind !== 'member' && place.kind !== 'source')
    return null;
  const options = suggest(place, whole, sources).map(asCompletion);
  if (place.kind === 'anything') options.push(caseSnippet);
  return options.length ? { from: place.from, options, validFor: /^[\w$]*$/ } : null;
}

const caseSnippet = snippetCompletion('CASE WHEN ${condition} THEN ${value} ELSE ${other} END',
  { label: 'CASE WHEN …', type: 'keyword' });

// The statement: colours, completion, the server's flaw at its place, a span that is pointed at.
export default function SqlEditor(props: {
  text: string; onChange: (text: string) => void; flaw: Flaw | null; sources: Sources;
  reveal: (Span & { turn: number }) | null; label: string; readOnly: boolean;
  onRun: () => void; onSave: () => void;
}): ReactNode {
  const { text, flaw, sources, reveal, label, readOnly } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!place.current) return;
    const run = (call: 'onRun' | 'onSave') => () => {
      latest.current[call]();
      return true;
    };
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          Prec.highest(keymap.of([
            { key: 'Mod-Enter', preventDefault: true, run: run('onRun') },
            { key: 'Mod-s', preventDefault: true, run: run('onSave') },
          ])),
          lineNumbers(), lintGutter(), history(), drawSelection(), bracketMatching(),
          closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), editorTheme,
          language.current.of([]), EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          autocompletion({
            override: [(context) => complete(context, latest.current.sources)],
            icons: false, maxRenderedOptions: 60, activateOnTypingDelay: 150,
          }),
          // Tab leaves the field, as on the rest of the page; Ctrl-] indents.
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap,
            ...historyKeymap, ...searchKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text, label, readOnly]);
  useEffect(() => {
    // topic, payload ... are columns first: coloured as such.
    const names = [...new Set(sources.functions.map((one) => one.name))]
      .filter((name) => !(columnsOf.message as readonly string[]).includes(name));
    view.current?.dispatch({
      effects: language.current.reconfigure(sql({ dialect: ruleDialect(names) }).language),
    });
  }, [sources.functions, label, readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const now = editor.state.doc.toString();
    const marks = flaw ? [{
      ...spanOf(now, flaw.line, flaw.column), severity: 'error' as const, message: flaw.text,
    }] : [];
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [flaw]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !reveal) return;
    const to = Math.min(reveal.to, editor.state.doc.length);
    editor.dispatch({ selection: { anchor: Math.min(reveal.from, to), head: to },
      scrollIntoView: true });
    editor.focus();
  }, [reveal]);
  return <div className={styles.sql} ref={place} />;
}
