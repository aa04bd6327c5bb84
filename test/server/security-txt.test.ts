/** security.txt: whom to tell of a weakness, from the site's own settings, and only while they hold (V19, RFC 9116). */
import { afterEach, describe, expect, it } from 'vitest';
import { SecurityTxt, securityTxtOf } from '../../server/security-txt.ts';
import { type Hospital, ORIGIN, openHospital } from './hospital.ts';

const settings: SecurityTxt = {
  contact: ['mailto:security@hospital.example', 'https://hospital.example/report'],
  expires: '2099-06-01T00:00:00Z',
  preferredLanguages: 'en, de',
};
let hospital: Hospital | undefined;
afterEach(() => hospital?.close());
const ask = () => hospital?.app.request(`${ORIGIN}/.well-known/security.txt`);

describe('security.txt', () => {
  it('is absent where nobody is named', async () => {
    hospital = await openHospital();
    expect((await ask())?.status).toBe(404);
  });

  it('names whom to write to, in order, until when, and where it belongs', async () => {
    hospital = await openHospital({ securityTxt: settings });
    const answer = await ask();
    expect(answer?.headers.get('content-type')).toMatch(/^text\/plain; ?charset=utf-8$/i);
    expect(await answer?.text()).toBe(
      [
        'Contact: mailto:security@hospital.example',
        'Contact: https://hospital.example/report',
        'Expires: 2099-06-01T00:00:00Z',
        'Preferred-Languages: en, de',
        `Canonical: ${ORIGIN}/.well-known/security.txt`,
        '',
      ].join('\n'),
    );
  });

  it('is gone when it has expired: nobody is sent to an address that may no longer be read', () => {
    const at = Date.parse('2026-11-22T12:00:00Z');
    expect(securityTxtOf({ ...settings, expires: '2026-11-22T11:59:59Z' }, ORIGIN, at)).toBeUndefined();
    expect(securityTxtOf({ ...settings, expires: '2026-11-22T12:00:01Z' }, ORIGIN, at)).toContain('Expires');
  });

  it.each([
    ['no contact', { contact: [] }],
    ['a contact in plain http', { contact: ['http://hospital.example'] }],
    ['an address that is no URL', { contact: ['security@hospital.example'] }],
    ['a line of its own', { contact: ['mailto:a@b.example\nContact: mailto:evil@c.example'] }],
    ['a day without a time', { expires: '2099-06-01' }],
    ['no expiry', { expires: undefined }],
  ])('is refused at the start with %s', (_, change) => {
    expect(SecurityTxt.safeParse({ ...settings, ...change }).success).toBe(false);
  });
});
