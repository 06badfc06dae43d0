import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import { usePrefs } from '~/lib/prefs';
import { pages } from './pages';
import styles from './shell.module.css';
import { words } from './words';

export function Rail(): ReactNode {
  const t = words.use();
  const { railOpen, set } = usePrefs();
  return (
    <nav className={styles.rail} aria-label={t('pages')}>
      <NavLink to="/" className={styles.brand} aria-label="Headworks">
        <img src="/icon.svg" width="22" height="22" alt="" />
        <span className={styles.label}>Headworks</span>
      </NavLink>
      {pages.map(({ id, path, icon: Icon, load }) => (
        <NavLink key={id} to={path} end={path === '/'} className={styles.item}
          title={railOpen ? undefined : t(id)} onPointerEnter={() => void load()}>
          <Icon size={18} strokeWidth={1.7} aria-hidden="true" />
          <span className={styles.label}>{t(id)}</span>
          {!railOpen && <span className="hw-visually-hidden">{t(id)}</span>}
        </NavLink>
      ))}
      <div className={styles.railEnd}>
        <button type="button" className={styles.fold} aria-expanded={railOpen}
          aria-label={t(railOpen ? 'fold' : 'unfold')}
          onClick={() => set({ railOpen: !railOpen })}>
          <span className={styles.item}>
            {railOpen ? <PanelLeftClose size={18} /> : <PanelLeftOpen size={18} />}
          </span>
        </button>
      </div>
    </nav>
  );
}
