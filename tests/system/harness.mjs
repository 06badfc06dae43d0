// What the tests in JavaScript share: a headworks server of their own, waiting, and cases that
// print one line each for the Python script that started them.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'headworks-test-'));
    this.mqtt = 0;
    this.http = 0;
  }

  // The second start takes the ports of the first, so that clients find the server again.
  async start() {
    this.process = spawn(join(process.env.HEADWORKS_BUILD, 'headworks'),
      ['serve', '--data', join(this.folder, 'data'), '--set', `mqtt.port=${this.mqtt}`,
        '--set', `http.port=${this.http}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    this.process.stderr.on('data', (text) => { log += text; });
    for await (const line of createInterface({ input: this.process.stdout })) {
      const ports = /^ready mqtt=(\d+) http=(\d+)/.exec(line);
      if (!ports) continue;
      [this.mqtt, this.http] = [Number(ports[1]), Number(ports[2])];
      return;
    }
    throw new Error(`the server did not start: ${log}`);
  }

  async kill() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => { this.process.once('exit', resolve); });
    this.process.kill('SIGKILL');
    await gone;
  }

  async close() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url() {
    return `http://127.0.0.1:${this.http}`;
  }

  async write(lines, precision = 'ns') {
    const answer = await fetch(`${this.url}/write?precision=${precision}`,
      { method: 'POST', body: lines });
    if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

export async function until(condition, what, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  throw new Error(`never came: ${what}`);
}

// Runs each case; prints `ok NAME` or `failed NAME` and the reason.
export async function runCases(cases) {
  let failed = 0;
  for (const [name, run] of Object.entries(cases)) {
    try {
      await run();
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`failed ${name}\n${error.stack}`);
    }
  }
  process.exitCode = failed ? 1 : 0;
}
