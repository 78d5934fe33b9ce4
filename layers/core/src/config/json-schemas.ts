/** The shapes of the configuration as JSON Schemas: for editors, and for AppConfig. */
import * as z from 'zod';
import { checkMarkKey } from './check-mark.ts';
import { type ConfigDocument, configSchemas, requiredDocuments } from './desk-config.ts';

type JsonSchema = Record<string, unknown>;

const checkMark = z.strictObject({ rules: z.string(), digest: z.string() }).optional();

/** What an editor checks and explains `config/<document>.yaml` by. Draft 7, which the usual YAML plugins know. */
export function editorSchema(document: ConfigDocument): JsonSchema {
  return { ...z.toJSONSchema(configSchemas[document], { target: 'draft-7', io: 'input' }), title: `${document}.yaml` };
}

/**
 * What AppConfig checks the whole document by before it lets it out. Draft 4, the only one it knows. What a schema cannot
 * say, that what accounts and sources name is there for one, synthesis and the functions check.
 */
export function validatorSchema(): JsonSchema {
  const published = z.strictObject({ ...configSchemas, [checkMarkKey]: checkMark });
  const { $schema, ...schema } = z.toJSONSchema(published, {
    target: 'draft-4',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      delete jsonSchema.description;
      if (zodSchema instanceof z.ZodRecord) namePattern(zodSchema, jsonSchema);
    },
  });
  return { $schema, ...schema, required: [...requiredDocuments] };
}

/** Draft 4 has no `propertyNames`; the same is said by the pattern of the properties. */
function namePattern(record: z.ZodRecord, jsonSchema: JsonSchema): void {
  const { pattern } = z.toJSONSchema(record.keyType);
  if (pattern === undefined) return;
  jsonSchema.patternProperties = { [pattern]: jsonSchema.additionalProperties };
  jsonSchema.additionalProperties = false;
}
