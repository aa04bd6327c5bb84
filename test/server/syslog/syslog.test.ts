/** The record over syslog with TLS (V11, RFC 5424, RFC 5425), against a receiver that really listens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateResource } from '@medplum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../../fixtures/ehr/definitions.ts';
import { createAudit } from '../../../server/audit.ts';
import { memoryKept } from '../../../server/store/kept.ts';
import { openKeyRing } from '../../../server/store/keys.ts';
import { sqliteStore } from '../../../server/store/sqlite.ts';
import type { Store } from '../../../server/store/store.ts';
import { createForwarding, type ForwardingDeps } from '../../../server/syslog/forwarding.ts';
import { createSender, type Receiver, type Sender } from '../../../server/syslog/sender.ts';
import { launchOf } from '../write-back-ehr.ts';
import { certificateFor } from './certificate.ts';
import { openReceiver, type TestReceiver } from './receiver.ts';

const own = certificateFor('localhost');
let dir: string;
let store: Store;
let happen: (count: number) => Promise<void>;
let receiver: TestReceiver;
let kept: ReturnType<typeof memoryKept>;
const senders: Sender[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'syslog-'));
  const keys = openKeyRing(join(dir, 'keys.json'));
  store = sqliteStore({ path: join(dir, 'attune.sqlite'), keys });
  const audit = createAudit({ store, keys });
  happen = async (count) => {
    for (let n = 0; n < count; n += 1)
      await audit.record(audit.entry(launchOf(), { type: 'declined', recommendationId: `größe-${n}`, reason: 'r' }));
  };
  receiver = await openReceiver(own);
  kept = memoryKept(Date.now);
});
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  await receiver.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

function forwarding(to: Partial<Receiver> = {}, more: Partial<ForwardingDeps> = {}, standMs = 100) {
  const sender = createSender({ host: 'localhost', port: receiver.port, ca: own.cert, ...to }, { standMs });
  senders.push(sender);
  return createForwarding({
    store,
    kept,
    sender,
    host: 'attune.example.org',
    alone: (work) => work(),
    now: Date.now,
    ...more,
  });
}
const places = () =>
  receiver.messages.map((message) => {
    const event = JSON.parse(message.slice(message.indexOf('{')));
    return Number(event.entity.at(-1).what.identifier.value);
  });

describe('A message', () => {
  it('is RFC 5424: priority of an audit log, time, host, app, kind, no structured data, then UTF-8 JSON', async () => {
    await happen(1);
    await forwarding().look();
    const [message = ''] = receiver.messages;
    expect(message).toMatch(
      /^<110>1 \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z attune\.example\.org attune - declined - \uFEFF\{/,
    );
    const event = JSON.parse(message.slice(message.indexOf('{')));
    loadDefinitions();
    expect(() => validateResource(event)).not.toThrow();
    expect(message).toContain('größe-0');
    // What every receiver must take (RFC 5425, 4.3.1).
    expect(Buffer.byteLength(message)).toBeLessThan(2_048);
  });

  it('of something that went wrong is a warning', async () => {
    await store.append({ type: 'in-doubt', at: '2026-11-23T09:00:00.000Z', tenant: 't' });
    await forwarding().look();
    expect(receiver.messages[0]).toMatch(/^<108>1 2026-11-23T09:00:00\.000Z /);
  });

  it('names no patient', async () => {
    await happen(1);
    await forwarding().look();
    expect(receiver.messages.join()).not.toContain('p1"');
    expect(receiver.messages.join()).toContain('urn:attune:patient-hmac');
  });
});

describe('The record is handed on', () => {
  it('from its first event, in order, over one connection, and then only what is new', async () => {
    const { look } = forwarding();
    await happen(3);
    await look();
    await happen(2);
    await look();
    await look();
    expect(places()).toEqual([1, 2, 3, 4, 5]);
    expect(receiver.connections()).toBe(1);
  });

  it('in more than one batch when much has come together', async () => {
    await happen(1_203);
    await forwarding().look();
    expect(places()).toEqual(Array.from({ length: 1_203 }, (_, index) => index + 1));
  });

  it('from where it stopped, by whichever server is next', async () => {
    await happen(2);
    await forwarding().look();
    await happen(1);
    await forwarding().look();
    expect(places()).toEqual([1, 2, 3]);
  });

  it('again from there when the receiver was away: nothing is left out', async () => {
    const { look } = forwarding();
    await happen(2);
    await look();
    await receiver.close();
    await happen(2);
    await expect(look()).rejects.toThrow();
    const { port } = receiver;
    receiver = await openReceiver({ ...own, port });
    await look();
    expect(places()).toEqual([3, 4]);
  });

  it('again when the connection broke right after it was written: better twice than never', async () => {
    await happen(2);
    const { look } = forwarding({}, {}, 1_000);
    const looking = look();
    await expect.poll(() => receiver.messages.length).toBe(2);
    receiver.cut();
    await expect(looking).rejects.toThrow('closed');
    await look();
    expect(places()).toEqual([1, 2, 1, 2]);
  });

  it('and what was handed over is told, for the ledger of what left', async () => {
    const sent: { messages: number; bytes: number }[] = [];
    await happen(2);
    await forwarding({}, { onSent: (one) => sent.push(one) }).look();
    expect(sent).toMatchObject([{ messages: 2 }]);
    const octets = receiver.messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
    expect(sent[0]?.bytes).toBe(octets + receiver.messages.map((one) => `${Buffer.byteLength(one)} `).join('').length);
  });
});

describe('Nothing is sent', () => {
  it('to a receiver whose certificate nobody known has signed', async () => {
    await happen(1);
    await expect(forwarding({ ca: certificateFor('localhost').cert }).look()).rejects.toThrow();
    expect(receiver.messages).toEqual([]);
  });

  it('to a receiver of another name', async () => {
    const other = await openReceiver(certificateFor('siem.example.org'));
    await happen(1);
    const { cert } = certificateFor('siem.example.org');
    await expect(forwarding({ port: other.port, ca: cert }).look()).rejects.toThrow();
    expect(other.messages).toEqual([]);
    await other.close();
  });

  it('without our certificate where the receiver asks for one, and with it, it is', async () => {
    const ours = certificateFor('attune.example.org');
    const strict = await openReceiver({ ...own, clientCa: ours.cert });
    await happen(1);
    await expect(forwarding({ port: strict.port }).look()).rejects.toThrow();
    expect(strict.messages).toEqual([]);
    await forwarding({ port: strict.port, ...ours }).look();
    expect(strict.messages).toHaveLength(1);
    expect(strict.shown).toEqual(['attune.example.org']);
    await strict.close();
  });
});
