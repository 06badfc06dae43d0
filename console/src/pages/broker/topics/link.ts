import type { IPublishPacket, MqttClient } from 'mqtt';
import { sendJson, type Schemas } from '~/lib/api';
import { problemText } from '~/ui';
import type { MessageProperties, TopicStore } from './store';

// The tab's own MQTT client: WebSocket, MQTT 5, QoS 0. It connects anew by itself, each time with a
// fresh token, since a token is good for a minute.
export type LinkState = 'off' | 'connecting' | 'up' | 'down';

export interface Outgoing {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  properties: MessageProperties & { isText?: boolean };
}

// MQTT.js takes any bytes; its types ask for the Buffer of Node.
const asBuffer = (bytes: Uint8Array): Buffer => bytes as Buffer;

const slowestRetryMs = 15_000;
const quietMs = 5000;

function propertiesOf(packet: IPublishPacket): MessageProperties | undefined {
  const all = packet.properties;
  if (!all) return undefined;
  const user = Object.entries(all.userProperties ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, one]));
  return {
    contentType: all.contentType, responseTopic: all.responseTopic,
    correlation: all.correlationData ? new Uint8Array(all.correlationData) : undefined,
    expiry: all.messageExpiryInterval, user: user.length ? user : undefined,
  };
}

export class TopicLink {
  state: LinkState = 'off';
  problem = '';
  readonly clientId = `console-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
  refused: string[] = []; // filters the server did not grant
  private client: MqttClient | null = null;
  private run = 0;
  private retry = 0;
  private timer = 0;

  constructor(private readonly store: TopicStore) {}

  start(filters: string[], user: string | null): void {
    this.stop();
    const run = ++this.run;
    void this.connect(run, filters, user);
  }

  stop(): void {
    this.run += 1;
    window.clearTimeout(this.timer);
    this.client?.end(true);
    this.client = null;
    this.set('off');
  }

  private set(state: LinkState, problem = ''): void {
    this.state = state;
    this.problem = problem;
    this.store.touch();
  }

  private async connect(run: number, filters: string[], user: string | null): Promise<void> {
    this.set('connecting', this.problem);
    const fail = (why: string) => {
      if (run !== this.run || this.state === 'down') return;
      this.client?.end(true);
      this.client = null;
      this.set('down', why);
      this.retry += 1;
      this.timer = window.setTimeout(() => void this.connect(run, filters, user),
        Math.min(slowestRetryMs, 500 * 2 ** Math.min(this.retry, 10)));
    };
    try {
      const [{ default: mqtt }, token] = await Promise.all([
        import('mqtt'),
        user ? sendJson<Schemas['MqttToken']>('POST', '/api/v1/session/mqtt-token') : null,
      ]);
      if (run !== this.run) return;
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
      const client = mqtt.connect(`${scheme}://${location.host}/mqtt`, {
        protocolVersion: 5, clientId: this.clientId, clean: true, reconnectPeriod: 0,
        connectTimeout: quietMs, keepalive: 30, resubscribe: false, forceNativeWebSocket: true,
        ...(token ? { username: user ?? '', password: token.token } : {}),
      });
      this.client = client;
      client.on('connect', () => this.subscribe(client, run, filters));
      client.on('message', (topic, payload, packet) => {
        if (run === this.run)
          this.store.take({ topic, payload, qos: packet.qos, retain: packet.retain,
            time: Date.now(), properties: propertiesOf(packet) });
      });
      client.on('error', (error) => fail(error.message));
      client.on('close', () => fail(''));
    } catch (error) {
      fail(problemText(error));
    }
  }

  private subscribe(client: MqttClient, run: number, filters: string[]): void {
    if (run !== this.run) return;
    this.retry = 0;
    this.refused = [];
    this.set('up');
    const all = Object.fromEntries(
      filters.map((filter) => [filter, { qos: 0 as const, rap: true }]));
    client.subscribe(all, (error, granted) => {
      if (run !== this.run) return;
      // MQTT.js reports a refusal of one as an error of all; `granted` says which.
      this.refused = (granted ?? []).filter((one) => one.qos >= 128).map((one) => one.topic);
      if (error && this.refused.length === 0) this.problem = error.message;
      this.store.touch();
    });
  }

  // Resolves when it was sent (QoS 0) or acknowledged; rejects with the broker's reason.
  async publish(message: Outgoing): Promise<void> {
    const { client } = this;
    if (!client || this.state !== 'up') throw new Error(this.problem || 'not connected');
    const { properties } = message;
    const userProperties: Record<string, string[]> = {};
    for (const [name, value] of properties.user ?? []) (userProperties[name] ??= []).push(value);
    await client.publishAsync(message.topic, asBuffer(message.payload), {
      qos: message.qos, retain: message.retain,
      properties: {
        ...(properties.isText ? { payloadFormatIndicator: true } : {}),
        ...(properties.contentType ? { contentType: properties.contentType } : {}),
        ...(properties.responseTopic ? { responseTopic: properties.responseTopic } : {}),
        ...(properties.correlation?.length
          ? { correlationData: asBuffer(properties.correlation) } : {}),
        ...(properties.expiry !== undefined ? { messageExpiryInterval: properties.expiry } : {}),
        ...(properties.user?.length ? { userProperties } : {}),
      },
    });
  }
}
