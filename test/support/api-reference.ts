import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { type CommandType, COMMANDS, ERROR_CODES } from '../../electron/contract/index.ts';

const SOURCE = join(import.meta.dirname, '../../electron/contract/commands.ts');

/** What stands in the comment above each command. */
function comments(): ReadonlyMap<string, string> {
  const file = ts.createSourceFile(SOURCE, readFileSync(SOURCE, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node)) {
      const name = ts.isStringLiteral(node.name) ? node.name.text : node.name.getText(file);
      const text = ts
        .getJSDocCommentsAndTags(node)
        .map((doc) => (typeof doc.comment === 'string' ? doc.comment : ''))
        .join(' ');
      if (name in COMMANDS && text !== '' && !found.has(name)) found.set(name, text.replace(/\s+/g, ' '));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** A schema in a few words. */
function words(schema: JsonSchema): string {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.map(words).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.items) return `list of ${words(schema.items)}`;
  if (schema.properties) {
    const required = new Set(schema.required ?? []);
    const parts = Object.entries(schema.properties).map(
      ([name, property]) => `${name}${required.has(name) ? '' : '?'}: ${words(property)}`,
    );
    return parts.length === 0 ? 'object' : `{ ${parts.join(', ')} }`;
  }
  const range =
    schema.minimum !== undefined &&
    schema.maximum !== undefined &&
    Math.abs(schema.maximum) < Number.MAX_SAFE_INTEGER &&
    Math.abs(schema.minimum) < Number.MAX_SAFE_INTEGER
      ? ` ${schema.minimum} … ${schema.maximum}`
      : '';
  return `${String(schema.type ?? 'anything')}${range}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function rows(schema: JsonSchema): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const preset = property.default === undefined ? '' : ` (default ${JSON.stringify(property.default)})`;
    return `| \`${name}\`${required.has(name) ? '' : ' *optional*'} | ${cell(words(property) + preset)} |`;
  });
}

function section(type: CommandType, comment: string | undefined): string {
  const schema = z.toJSONSchema(COMMANDS[type], { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const variants = schema.oneOf ?? schema.anyOf ?? [schema];
  const tables = variants.map((variant) => {
    const lines = rows(variant);
    return lines.length === 0 ? 'Takes nothing.' : ['| field | value |', '|---|---|', ...lines].join('\n');
  });
  return [`### \`${type}\``, ...(comment === undefined ? [] : [comment]), ...tables].join('\n\n');
}

/** `docs/api-commands.md`: every command with its fields, made of the schemas that check them. */
export function apiReference(): string {
  const texts = comments();
  const types = Object.keys(COMMANDS) as CommandType[];
  const codes = Object.entries(ERROR_CODES).map(([code, status]) => `| \`${code}\` | ${status} |`);
  return `${[
    '# Commands of the API',
    'Made of the schemas that check the commands (`electron/contract/commands.ts`); a test keeps it true. One command or a list of them (all or nothing) is the body of `POST /api/commands`; each is an object with its `type` and the fields below. Ids or names are accepted wherever a source, destination, group or gadget is meant. The answer is `{"revision": …, "results": […]}`. The whole API is described by [openapi.json](openapi.json), which a running Crosspoint serves as `/api/openapi.json`.',
    ...types.map((type) => section(type, texts.get(type))),
    '## Errors',
    'A refused command answers `{"error": {"code", "message", "path"?, "hint"?}}`; `path` says where in the input the trouble is.',
    ['| code | HTTP status |', '|---|--:|', ...codes].join('\n'),
  ].join('\n\n')}\n`;
}
