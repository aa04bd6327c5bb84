/** What changes from one tenants file to the next, in words for whoever signs it. */
import { grantorOf, type Tenant } from '../../launch/tenants.ts';
import { isObject } from '../../models/engine/facts/json.ts';

/** One line a change, tenant by tenant: every setting that differs, and what follows for those who are at work. */
export function differences(before: readonly Tenant[], after: readonly Tenant[]): readonly string[] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  return ids.flatMap((id) => {
    const [was, is] = [before, after].map((tenants) => tenants.find((tenant) => tenant.id === id));
    const lines = was && is ? changes(was, is) : is ? [added(is)] : was ? [removed(was)] : [];
    return lines.map((line) => `${id}: ${line}`);
  });
}

function added({ name, iss, writeBack }: Tenant): string {
  return `added: ${name}, ${iss}, write-back ${writeBack.enabled ? 'on' : 'off'}`;
}

function removed({ name, iss }: Tenant): string {
  return `removed: ${name}, ${iss}. Its launches end, none begins, and what is in doubt there stays so until it is back`;
}

function changes(was: Tenant, is: Tenant): readonly string[] {
  const [before, after] = [settingsOf(was), settingsOf(is)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return [...paths.flatMap((path) => change(path, before.get(path), after.get(path))), ...consequences(was, is)];
}

function change(path: string, was: Setting | undefined, is: Setting | undefined): readonly string[] {
  if (Array.isArray(was) || Array.isArray(is)) {
    const [before, after] = [was ?? [], is ?? []].map((value) => (Array.isArray(value) ? value : [String(value)]));
    const more = after?.filter((value) => !before?.includes(value)).map((value) => `+ ${value}`) ?? [];
    const less = before?.filter((value) => !after?.includes(value)).map((value) => `− ${value}`) ?? [];
    return more.length + less.length > 0 ? [`${path}: ${[...more, ...less].join(', ')}`] : [];
  }
  return was === is ? [] : [`${path}: ${was ?? 'not set'} → ${is ?? 'not set'}`];
}

function consequences(was: Tenant, is: Tenant): readonly string[] {
  const found: string[] = [];
  if (grantorOf(was) !== grantorOf(is)) found.push('its launches end: a grant is used only where it came from');
  if (was.iss !== is.iss)
    found.push('what is in doubt at the earlier address is looked for at the new one: settle it first');
  if (was.writeBack.enabled && !is.writeBack.enabled)
    found.push('no approval is taken from then on; what is in doubt is still looked for');
  if (!was.writeBack.enabled && is.writeBack.enabled)
    found.push('approved notes are written from the next launch on, which asks for the scopes');
  return found;
}

type Setting = string | readonly string[];

/** Every setting by its path; lists as lists, and a code map as its entries. */
function settingsOf(tenant: Tenant): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  const walk = (path: string, value: unknown): void => {
    if (Array.isArray(value)) settings.set(path, value.map(inWords));
    else if (isObject(value))
      for (const [name, held] of Object.entries(value)) walk(path ? `${path}.${name}` : name, held);
    else if (value !== undefined) settings.set(path, String(value));
  };
  walk('', tenant);
  return settings;
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
