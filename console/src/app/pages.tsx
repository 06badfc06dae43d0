import {
  Activity, Boxes, Factory, LayoutDashboard, Network, RadioTower, Settings, Workflow,
  type LucideIcon,
} from 'lucide-react';
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { Note } from '~/lib/notes';

// The pages of the rail, in its order. A room that comes later adds its line here.
export interface PageEntry {
  id: 'overview' | 'plant' | 'trends' | 'twin' | 'gateway' | 'broker' | 'rules' | 'system';
  path: string;
  key: string; // `g` and then this key goes there
  icon: LucideIcon;
  load: () => Promise<{ default: ComponentType }>;
}

export const pages: PageEntry[] = [
  { id: 'overview', path: '/', key: 'o', icon: LayoutDashboard,
    load: () => import('~/pages/overview') },
  { id: 'plant', path: '/plant', key: 'p', icon: Factory, load: () => import('~/pages/plant') },
  { id: 'trends', path: '/trends', key: 't', icon: Activity, load: () => import('~/pages/trends') },
  { id: 'twin', path: '/twin', key: 'w', icon: Boxes, load: () => import('~/pages/twin') },
  { id: 'gateway', path: '/gateway', key: 'd', icon: Network,
    load: () => import('~/pages/gateway') },
  { id: 'broker', path: '/broker', key: 'b', icon: RadioTower,
    load: () => import('~/pages/broker') },
  { id: 'rules', path: '/rules', key: 'r', icon: Workflow, load: () => import('~/pages/rules') },
  { id: 'system', path: '/system', key: 's', icon: Settings,
    load: () => import('~/pages/system') },
];

export interface LoadedPage extends PageEntry {
  Page: LazyExoticComponent<ComponentType>;
}

// A page comes with the styles of all components, which the shell does without.
export const lazyPage = (load: PageEntry['load']) =>
  lazy(() => Promise.all([load(), import('~/styles')]).then(([page]) => page));

export const loadedPages: LoadedPage[] =
  pages.map((page) => ({ ...page, Page: lazyPage(page.load) }));

// Begins to load what an address shows, and the styles that it needs.
export function preloadPage(pathname: string): void {
  const page = pages.find(({ path }) => path === '/'
    ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`));
  // What fails is tried, and told, when the page is rendered.
  if (page) void Promise.all([page.load(), import('~/styles')]).catch(() => undefined);
}

// Where the palette leads for something that was found.
// Where a note is seen: at its points, else at its twin, else on the axis of trends.
export function placeOfNote({ from, to, points, twins }:
Pick<Note, 'from' | 'to' | 'points' | 'twins'>): string {
  const around = (time: string, by: number) =>
    encodeURIComponent(new Date(Date.parse(time) + by).toISOString());
  const [twin] = twins;
  if (!points.length && twin)
    return `/twin?id=${encodeURIComponent(twin)}&tab=past&at=${around(from, 0)}`;
  const pens = points.slice(0, 16).map(encodeURIComponent).join(',');
  return `/trends?${pens ? `pens=${pens}&` : ''}` +
    `from=${around(from, -hourMs)}&to=${around(to ?? from, hourMs)}`;
}
const hourMs = 3600e3;

export function placeOf(kind: string, id: string): string {
  const name = encodeURIComponent(id);
  switch (kind) {
    case 'point': return `/trends?pens=${name}`;
    case 'twin': return `/twin?id=${name}`;
    case 'device': return `/gateway?device=${name}`;
    case 'rule': return `/rules?rule=${name}`;
    case 'client': return `/broker?tab=clients&client=${name}`;
    default: return '/';
  }
}
