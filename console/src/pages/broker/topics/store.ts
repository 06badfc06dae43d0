import { Ring } from './ring';
import { Aliases } from './sparkplug';

// What is known of the topics: what the server told of them and what was seen live. Everything is
// bounded; what did not fit is counted.
export interface MessageProperties {
  contentType?: string;
  responseTopic?: string;
  correlation?: Uint8Array;
  expiry?: number;
  user?: [string, string][];
}

export interface Message {
  number: number;
  topic: string;
  payload: Uint8Array; // at most maxPayload of it
  size: number; // all of it
  qos: number;
  retain: boolean;
  time: number; // epoch ms of its arrival in this tab
  properties?: MessageProperties;
}

export interface TopicNode {
  name: string;
  topic: string;
  children: Map<string, TopicNode> | null;
  sorted: TopicNode[] | null; // by name; made when asked for
  own: number; // messages on this topic
  total: number; // and below
  last: Message | null;
  previous: Message | null;
  isPoint: boolean;
  isRetained: boolean;
  hasBelow: boolean; // the server says so; they may not be loaded yet
  next: string | null; // of the server's list of children
  loaded: boolean;
}

export interface ServerLevel {
  name: string;
  topic: string;
  has_below: boolean;
  is_point: boolean;
  is_retained: boolean;
}

export const limits = {
  nodes: 50_000, payload: 64 * 1024, held: 48 * 1024 * 1024, ring: 5000, ringBytes: 16 << 20,
  levels: 64,
};

const newNode = (name: string, topic: string): TopicNode => ({
  name, topic, children: null, sorted: null, own: 0, total: 0, last: null, previous: null,
  isPoint: false, isRetained: false, hasBelow: false, next: null, loaded: false,
});

const sizeOf = (message: Message): number => message.payload.length + 64;

export class TopicStore {
  readonly root = newNode('', '');
  readonly aliases = new Aliases();
  readonly ring = new Ring<Message>(limits.ring, limits.ringBytes, sizeOf);
  version = 0; // grows with each render's worth of changes
  structure = 0; // grows when there are topics more
  nodes = 0;
  messages = 0;
  bytes = 0;
  untracked = 0; // messages of topics beyond limits.nodes
  cut = 0; // messages of which less than all was kept
  rate = 0;
  private held = 0;
  private watched: string | null = null;
  private paused = false;
  skipped = 0; // messages that came while paused
  private dirty = false;
  private rateAt = 0;
  private rateFrom = 0;
  private listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getVersion = (): number => this.version;

  // Called four times a second: all that came meanwhile is one render.
  flush(now: number): void {
    if (now - this.rateAt >= 1000) {
      const rate = this.rateAt ? (1000 * (this.messages - this.rateFrom)) / (now - this.rateAt) : 0;
      if (rate !== this.rate) this.dirty = true;
      this.rate = rate;
      this.rateAt = now;
      this.rateFrom = this.messages;
    }
    if (!this.dirty) return;
    this.dirty = false;
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  touch(): void {
    this.dirty = true;
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.dirty = true;
  }

  find(topic: string): TopicNode | undefined {
    let node: TopicNode | undefined = this.root;
    for (const name of topic.split('/')) node = node?.children?.get(name);
    return node;
  }

  // The messages of that topic and below are kept from now on.
  watch(topic: string | null): void {
    if (topic === this.watched) return;
    this.watched = topic;
    this.ring.clear();
    const node = topic === null ? undefined : this.find(topic);
    if (node?.previous) this.ring.push(node.previous);
    if (node?.last) this.ring.push(node.last);
    this.dirty = true;
  }

  take(message: Omit<Message, 'number' | 'size'>): void {
    this.messages += 1;
    this.bytes += message.payload.length;
    this.dirty = true;
    if (this.paused) {
      this.skipped += 1;
      return;
    }
    const path = this.path(message.topic);
    if (!path) {
      this.untracked += 1;
      return;
    }
    const node = path[path.length - 1] as TopicNode;
    for (const each of path) each.total += 1;
    node.own += 1;
    const kept = this.keep(message);
    this.held -= node.previous?.payload.length ?? 0;
    this.held += kept.payload.length;
    node.previous = node.last;
    node.last = kept;
    // A retained message without payload clears the topic's.
    if (message.retain) node.isRetained = message.payload.length > 0;
    if (message.topic.includes('spBv1.0/')) this.aliases.learn(message.topic, message.payload);
    if (this.isWatched(message.topic)) this.ring.push(kept);
  }

  private isWatched(topic: string): boolean {
    const { watched } = this;
    return watched !== null && topic.startsWith(watched)
      && (topic.length === watched.length || topic[watched.length] === '/');
  }

  private keep(message: Omit<Message, 'number' | 'size'>): Message {
    const size = message.payload.length;
    const room = Math.max(0, Math.min(limits.payload, limits.held - this.held));
    if (size > room) this.cut += 1;
    // A copy: the client's bytes are a view into a much larger buffer.
    const payload = new Uint8Array(message.payload.subarray(0, room));
    return { ...message, payload, size, number: this.messages };
  }

  // The nodes of a topic's levels, made where they lack; null beyond the limits.
  private path(topic: string): TopicNode[] | null {
    const names = topic.split('/', limits.levels + 1);
    if (names.length > limits.levels) return null;
    const path: TopicNode[] = [];
    let node = this.root;
    for (const name of names) {
      const child = node.children?.get(name) ?? this.add(node, name);
      if (!child) return null;
      path.push(child);
      node = child;
    }
    return path;
  }

  private add(parent: TopicNode, name: string): TopicNode | null {
    if (this.nodes >= limits.nodes) return null;
    const child = newNode(name, parent === this.root ? name : `${parent.topic}/${name}`);
    parent.children ??= new Map();
    parent.children.set(name, child);
    parent.sorted = null;
    this.nodes += 1;
    this.structure += 1;
    return child;
  }

  // What the server says is below a node.
  merge(parent: TopicNode, levels: ServerLevel[], next: string | null): void {
    for (const level of levels) {
      const child = parent.children?.get(level.name) ?? this.add(parent, level.name);
      if (!child) break;
      child.isPoint = level.is_point;
      child.isRetained = level.is_retained;
      child.hasBelow = level.has_below;
    }
    parent.loaded = true;
    parent.next = next;
    this.dirty = true;
  }

  // A topic that the server found by a keyword.
  know(topic: string): void {
    const path = this.path(topic);
    const node = path?.[path.length - 1];
    if (node) node.isPoint = true;
    this.dirty = true;
  }
}

export const childrenOf = (node: TopicNode): TopicNode[] => {
  if (!node.children) return [];
  node.sorted ??= [...node.children.values()].sort((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
  return node.sorted;
};

export interface TreeRow {
  node: TopicNode;
  depth: number;
  open: boolean;
  branch: boolean;
  more: boolean; // the row that loads more of its parent `node`
}

const maxRows = 10_000;

// The nodes that match the keyword and those above them; null: no keyword.
export function matching(root: TopicNode, keyword: string): Set<TopicNode> | null {
  const wanted = keyword.trim().toLowerCase();
  if (!wanted) return null;
  const found = new Set<TopicNode>();
  const walk = (node: TopicNode): boolean => {
    let any = node !== root && node.topic.toLowerCase().includes(wanted);
    for (const child of node.children?.values() ?? []) if (walk(child)) any = true;
    if (any) found.add(node);
    return any;
  };
  walk(root);
  return found;
}

// The tree as rows: what is open, or, with a keyword, all that leads to a match.
export function treeRows(
  root: TopicNode, open: ReadonlySet<string>, found: Set<TopicNode> | null,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (parent: TopicNode, depth: number) => {
    for (const node of childrenOf(parent)) {
      if (rows.length >= maxRows) return;
      if (found && !found.has(node)) continue;
      const branch = node.hasBelow || (node.children?.size ?? 0) > 0;
      const isOpen = branch && (found
        ? childrenOf(node).some((child) => found.has(child)) : open.has(node.topic));
      rows.push({ node, depth, open: isOpen, branch, more: false });
      if (isOpen) walk(node, depth + 1);
    }
    if (parent.next && !found)
      rows.push({ node: parent, depth, open: false, branch: false, more: true });
  };
  walk(root, 0);
  return rows;
}
