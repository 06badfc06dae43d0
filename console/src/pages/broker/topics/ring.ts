// The newest of a stream, at most so many and so many bytes; what had to go is counted.
export class Ring<T> {
  private items: T[] = [];
  private begin = 0;
  private bytes = 0;
  dropped = 0;

  constructor(
    readonly maxItems: number, readonly maxBytes: number,
    private readonly sizeOf: (item: T) => number,
  ) {}

  get length(): number {
    return this.items.length - this.begin;
  }

  get heldBytes(): number {
    return this.bytes;
  }

  push(item: T): void {
    this.items.push(item);
    this.bytes += this.sizeOf(item);
    while (this.length > 1 && (this.length > this.maxItems || this.bytes > this.maxBytes)) {
      this.bytes -= this.sizeOf(this.items[this.begin] as T);
      this.begin += 1;
      this.dropped += 1;
    }
    // The dead head is cut off now and then, so that a push costs O(1) on the whole.
    if (this.begin > this.maxItems) {
      this.items = this.items.slice(this.begin);
      this.begin = 0;
    }
  }

  // The newest `count`, oldest first.
  last(count: number): T[] {
    return this.items.slice(Math.max(this.begin, this.items.length - count));
  }

  all(): T[] {
    return this.items.slice(this.begin);
  }

  clear(): void {
    this.items = [];
    this.begin = 0;
    this.bytes = 0;
    this.dropped = 0;
  }
}
