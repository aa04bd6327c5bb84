/** The launch that a person would make in the practice EHR: the button in its chart, then every redirect, with a browser's cookies. */

const MOST_REDIRECTS = 10;

/** Only for a tenant marked `practice`, which is on this machine. Says why it did not end at our own page, where it did not. */
export async function launchInPractice(options: {
  iss: string;
  origin: string;
  patientId: string;
}): Promise<string | undefined> {
  const { iss, origin, patientId } = options;
  const ehr = new URL(iss).origin;
  const button = await fetch(`${ehr}/chart/${encodeURIComponent(patientId)}/launch`, { method: 'POST' });
  if (!button.ok) return `The practice EHR has no such chart (${button.status})`;
  const { launchUrl } = (await button.json()) as { launchUrl: string };
  return follow(launchUrl, { origin, ehr });
}

/** From a launch URL to our own page, between the two origins and no others. */
export async function follow(
  launchUrl: string,
  { origin, ehr }: { origin: string; ehr: string },
): Promise<string | undefined> {
  const cookies = new Map<string, string>();
  let at = new URL(launchUrl);
  for (let step = 0; step < MOST_REDIRECTS; step++) {
    if (at.origin !== origin && at.origin !== ehr) return 'The launch leads elsewhere';
    const response = await fetch(at, {
      redirect: 'manual',
      headers: headersFor(at.origin === origin ? cookies : undefined),
    });
    await response.body?.cancel();
    if (at.origin === origin) for (const set of response.headers.getSetCookie()) keep(cookies, set);
    const next = response.headers.get('location');
    if (next === null) {
      return response.ok && at.pathname.startsWith('/l/') ? undefined : `The launch stopped at ${response.status}`;
    }
    at = new URL(next, at);
  }
  return 'The launch goes round in circles';
}

function headersFor(cookies: ReadonlyMap<string, string> | undefined): Record<string, string> {
  const jar = [...(cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  return { accept: 'text/html', ...(jar !== '' && { cookie: jar }) };
}

function keep(cookies: Map<string, string>, set: string): void {
  const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
  if (name !== undefined && value !== undefined) cookies.set(name, value);
}
