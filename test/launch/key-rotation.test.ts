/** The app's own keys are changed without a launch failing: add the new one, wait for caches, remove the old one (T2, V12). */
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { type AppKeys, importAppKeys } from '../../launch/keys.ts';

const pair = (alg: string) =>
  generateKeyPair(alg, { extractable: true }).then(async ({ privateKey }) => ({
    ...(await exportJWK(privateKey)),
    alg,
  }));
const sign = (keys: AppKeys) => {
  const { key, kid } = keys.signing('ES384');
  return new SignJWT({}).setProtectedHeader({ alg: 'ES384', kid }).sign(key);
};
const verifies = (token: string, { jwks }: AppKeys) =>
  jwtVerify(token, createLocalJWKSet({ keys: [...jwks.keys] as JWK[] })).then(
    () => true,
    () => false,
  );

it('V12: at every step of a rotation the EHR can check what is signed, with the set it has now or had an hour ago', async () => {
  const [older, newer, rsa] = [await pair('ES384'), await pair('ES384'), await pair('RS384')];
  const steps = await Promise.all(
    [
      [older, rsa],
      [older, newer, rsa],
      [newer, older, rsa],
      [newer, rsa],
    ].map((keys) => importAppKeys({ keys })),
  );
  for (const [index, keys] of steps.entries()) {
    const token = await sign(keys);
    expect(await verifies(token, keys)).toBe(true);
    const before = steps[index - 1];
    if (before) expect(await verifies(token, before)).toBe(true);
  }
  expect(steps[1]?.jwks.keys).toHaveLength(3);
  // Changing over in one step would not hold: this is why it takes four.
  const [first, , , last] = steps;
  expect(first && last && (await verifies(await sign(last), first))).toBe(false);
});
