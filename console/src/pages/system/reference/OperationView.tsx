import { useState, type ReactNode } from 'react';
import { ActionIcon, CopyButton, TextInput } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { roles, useSession } from '~/lib/session';
import { words as systemWords } from '../words';
import {
  canTry, curlOf, fieldsOf, limitsText, typeText,
  type ApiDocument, type Operation, type Parameter, type Schema,
} from './model';
import styles from './reference.module.css';
import { TryIt } from './TryIt';
import { words } from './words';

// One operation: what it wants, what it answers, and how to call it.
export function OperationView({ document, one }: {
  document: ApiDocument; one: Operation;
}): ReactNode {
  const t = words.use();
  const session = useSession().data;
  const [values, setValues] = useState<Record<string, string>>({});
  const change = (name: string, value: string) => setValues({ ...values, [name]: value });
  const system = systemWords.use();
  const role = roles.find((each) => each === one.role);
  const bodyType = Object.keys(one.body?.content ?? {})[0];
  return (
    <article>
      <h2 className={styles.mono} style={{ fontSize: 15 }}>{one.method} {one.path}</h2>
      <p className={styles.sub}><span lang="en">{one.summary}</span>{' · '}
        {role ? t('role', { role: system(`role_${role}`) }) : t('open')}{' · '}
        <span className={styles.mono}>{one.id}</span></p>
      {one.parameters.length > 0 && (
        <Parameters list={one.parameters} values={values} onChange={change} />)}
      {one.body && (
        <>
          <h3>{t('body')} {bodyType && <span className={styles.dim}>{bodyType}</span>}</h3>
          {one.body.description && (
            <p className={styles.sub} lang="en">{one.body.description}</p>)}
          <Members document={document} schema={one.body.content?.[bodyType ?? '']?.schema} />
        </>)}
      <h3>{t('command')}</h3>
      <Command code={curlOf(document, one, window.location.origin, values,
        session?.user !== null)} />
      <h3>{t('tryIt')}</h3>
      {canTry(one) ? <TryIt one={one} values={values} />
        : <p className={styles.sub}>
          {one.method === 'GET' ? t('streams') : t('notTried')}</p>}
      <h3>{t('answers')}</h3>
      <Answers document={document} one={one} />
    </article>
  );
}

function Parameters({ list, values, onChange }: {
  list: Parameter[]; values: Record<string, string>;
  onChange: (name: string, value: string) => void;
}): ReactNode {
  const t = words.use();
  const places = { path: t('inPath'), query: t('inQuery'), header: t('inHeader') };
  return (
    <>
      <h3>{t('parameters')}</h3>
      <table className={styles.table}>
        <thead><tr>
          <th scope="col" style={{ width: '24%' }}>{t('name')}</th>
          <th scope="col" style={{ width: '20%' }}>{t('type')}</th>
          <th scope="col">{t('meaning')}</th>
          <th scope="col" style={{ width: '26%' }}>{t('worth')}</th>
        </tr></thead>
        <tbody>
          {list.map((one) => (
            <tr key={`${one.in} ${one.name}`}>
              <td className={styles.mono}>{one.name}
                {one.required && <span className={styles.dim}> {t('needed')}</span>}</td>
              <td><span className={styles.mono}>{typeText(one.schema ?? {})}</span>{' '}
                <span className={styles.dim}>{places[one.in]}</span></td>
              <td lang="en">{one.description} <span className={styles.dim}>
                {limitsText(one.schema ?? {})}</span></td>
              <td>
                <TextInput size="xs" value={values[one.name] ?? ''}
                  aria-label={t('value', { name: one.name })} spellCheck={false}
                  onChange={(event) => onChange(one.name, event.currentTarget.value)} /></td>
            </tr>))}
        </tbody>
      </table>
    </>
  );
}

function Members({ document, schema }: {
  document: ApiDocument; schema: Schema | undefined;
}): ReactNode {
  const t = words.use();
  const fields = schema ? fieldsOf(document, schema) : [];
  if (!schema || fields.length === 0)
    return schema ? <p className={styles.sub}>{typeText(schema)}</p> : null;
  return (
    <table className={styles.table} aria-label={t('members')}>
      <thead><tr>
        <th scope="col" style={{ width: '34%' }}>{t('name')}</th>
        <th scope="col" style={{ width: '24%' }}>{t('type')}</th>
        <th scope="col">{t('meaning')}</th>
      </tr></thead>
      <tbody>
        {fields.map((one) => (
          <tr key={one.path}>
            <td className={styles.mono} style={{ paddingLeft: one.depth * 14 }}>{one.path}
              {one.required && <span className={styles.dim}> {t('needed')}</span>}</td>
            <td className={styles.mono}>{one.type}</td>
            <td lang="en">{one.description} <span className={styles.dim}>{one.limits}</span></td>
          </tr>))}
      </tbody>
    </table>
  );
}

function Answers({ document, one }: { document: ApiDocument; one: Operation }): ReactNode {
  const t = words.use();
  const good = one.responses.find(([code]) => code.startsWith('2'))?.[1].content;
  const schema = good && Object.values(good)[0]?.schema;
  return (
    <>
      <table className={styles.table}>
        <thead><tr>
          <th scope="col" style={{ width: 60 }}>{t('code')}</th>
          <th scope="col">{t('meaning')}</th>
          <th scope="col" style={{ width: '40%' }}>{t('type')}</th>
        </tr></thead>
        <tbody>
          {one.responses.map(([code, answer]) => (
            <tr key={code}>
              <td className={styles.mono}>{code}</td>
              <td lang="en">{answer.description}</td>
              <td className={styles.mono}>
                {Object.entries(answer.content ?? {}).map(([type, { schema: of }]) => (
                  <div key={type}>{type}{of ? `: ${typeText(of)}` : ''}</div>))}</td>
            </tr>))}
        </tbody>
      </table>
      {schema && <Members document={document} schema={schema} />}
    </>
  );
}

function Command({ code }: { code: string }): ReactNode {
  const t = words.use();
  return (
    <div className={styles.command}>
      <pre>{code}</pre>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" size="sm" aria-label={t('copy')} onClick={copy}
            title={copied ? t('copied') : t('copy')}>
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>)}
      </CopyButton>
    </div>
  );
}
