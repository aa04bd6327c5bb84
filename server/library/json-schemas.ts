/** JSON Schemas for editors, made of the schemas that validate: completion and red lines while knowledge is written. */
import { z } from 'zod';
import { SCHEMAS } from './schema.ts';

/** File name in `models/schemas` → its text. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [`${name}.schema.json`, `${JSON.stringify({ title: name, ...json }, null, 2)}\n`];
    }),
  );
}
