// The stream of live samples, and whether the server is there.

// onSample(sample) for each one; onState('on'|'off'|'') when the connection changes. After a loss
// it asks anew each second; a new stream begins with the last value of every point, so nothing that
// changed meanwhile stays old on the screen.
export class Live {
  constructor({ onSample, onState }) {
    Object.assign(this, { onSample, onState });
    this.state = null;
    this.heard = 0;
    setInterval(() => this.check(), 500);
    this.connect();
  }

  set(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }

  connect() {
    if (this.state !== 'off') this.set('');
    const source = new EventSource('/api/v1/live?filter=%23');
    this.source = source;
    this.heard = performance.now();
    source.addEventListener('sample', (event) => {
      this.heard = performance.now();
      this.onSample(JSON.parse(event.data));
    });
    source.onopen = () => {
      this.heard = performance.now();
      this.set('on');
    };
    source.onerror = () => this.lose(source);
  }

  lose(source) {
    if (source !== this.source) return;
    source.close();
    this.source = null;
    this.set('off');
    setTimeout(() => this.connect(), 1000);
  }

  // A cable that was pulled closes no socket: where nothing was heard, the server is asked.
  async check() {
    const source = this.source;
    const silence = performance.now() - this.heard;
    if (!source || this.asking || silence < 1200) return;
    if (this.state !== 'on') return silence > 5000 ? this.lose(source) : undefined;
    this.asking = true;
    try {
      await fetch('/livez', { cache: 'no-store', signal: AbortSignal.timeout(1200) });
      this.heard = performance.now();
    } catch {
      this.lose(source);
    }
    this.asking = false;
  }
}
