import type { Subscription } from './data';

// Whether an MQTT filter takes a path.
export function filterTakes(filter: string, path: string): boolean {
  const parts = filter.split('/');
  const levels = path.split('/');
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === '#') return true;
    if (i >= levels.length) return false;
    if (parts[i] !== '+' && parts[i] !== levels[i]) return false;
  }
  return parts.length === levels.length;
}

// Whether a subscription may follow a twin: 'maybe' where only the server can know, since it goes
// along relationships or asks a condition.
export function follows(one: Subscription, id: string, models: string[]): 'yes' | 'maybe' | 'no' {
  const { twins = '#', model, root, where } = one.filter ?? {};
  if (!filterTakes(twins, id)) return 'no';
  if (model && !models.includes(model)) return 'no';
  if (root && root !== id) return 'maybe';
  return where ? 'maybe' : 'yes';
}
