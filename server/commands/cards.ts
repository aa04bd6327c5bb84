/** `card ID [--format markdown|chai|json]`: the card of a model of the library in force. */
import { parseArgs } from 'node:util';
import type { ModelCard } from '../../models/engine/library.ts';
import { chaiOf } from '../library/card-chai.ts';
import { markdownOf } from '../library/card-markdown.ts';
import { type Command, UsageError } from './command.ts';

/** Prints the card; JSON as it is served, Markdown, or a CHAI Applied Model Card. */
export const cardCommand: Command = async ({ args, terminal, library }) => {
  const options = { format: { type: 'string', default: 'markdown' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  const [id, ...rest] = positionals;
  if (!id || rest.length > 0) throw new UsageError('card takes the id of one model');
  const loaded = await library();
  const model = loaded.library.risk.find((risk) => risk.id === id);
  const bytes = loaded.files.get(model?.cardUrl ?? '')?.bytes;
  if (!model || !bytes) throw new UsageError(`the library has no model ${id}`);
  const card = JSON.parse(new TextDecoder().decode(bytes)) as ModelCard;
  switch (values.format) {
    case 'json':
      terminal.out(JSON.stringify(card));
      return 0;
    case 'markdown':
      terminal.out(markdownOf(model, card).trimEnd());
      return 0;
    case 'chai':
      terminal.out(chaiOf(model, card).trimEnd());
      return 0;
    default:
      throw new UsageError('--format is markdown, chai or json');
  }
};
