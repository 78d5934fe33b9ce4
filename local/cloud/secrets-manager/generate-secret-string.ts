/** Passwords as `GenerateSecretString` of a template asks for them. */
import type { PropertyReader } from '../property-reader.ts';

/** Gives a whole number from 0 up to, not including, `bound`. */
export type RandomInteger = (bound: number) => number;

const characterClasses = [
  { excludedBy: 'ExcludeLowercase', characters: 'abcdefghijklmnopqrstuvwxyz' },
  { excludedBy: 'ExcludeUppercase', characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  { excludedBy: 'ExcludeNumbers', characters: '0123456789' },
  { excludedBy: 'ExcludePunctuation', characters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' },
];
const passwordLengthDefault = 32;
const passwordLengthMax = 4096;

/**
 * The secret string: the password alone, or `SecretStringTemplate` with the password under `GenerateStringKey`.
 * Source: `AWS::SecretsManager::Secret GenerateSecretString` in the CloudFormation user guide.
 * @throws Error naming the property that is wrong.
 */
export function generateSecretString(properties: PropertyReader, random: RandomInteger): string {
  const template = properties.optionalText('SecretStringTemplate');
  const key = properties.optionalText('GenerateStringKey');
  if ((template === undefined) !== (key === undefined)) {
    throw new Error('GenerateSecretString needs SecretStringTemplate and GenerateStringKey together, or neither');
  }
  const password = generatePassword(properties, random);
  if (template === undefined || key === undefined) return password;
  return JSON.stringify({ ...parseTemplate(template), [key]: password });
}

function parseTemplate(template: string): object {
  try {
    const parsed: unknown = JSON.parse(template);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Not JSON at all: refused below, like JSON of another form. The text may hold a secret, so it is not repeated.
  }
  throw new Error('GenerateSecretString.SecretStringTemplate must be a JSON object');
}

function generatePassword(properties: PropertyReader, random: RandomInteger): string {
  const length = properties.optionalNumber('PasswordLength') ?? passwordLengthDefault;
  const excluded = new Set(properties.optionalText('ExcludeCharacters') ?? '');
  const classes = characterClasses
    .filter(({ excludedBy }) => !properties.optionalBoolean(excludedBy))
    .map(({ characters }) => [...characters].filter((character) => !excluded.has(character)))
    .filter((characters) => characters.length > 0);
  if (properties.optionalBoolean('IncludeSpace') && !excluded.has(' ')) classes.push([' ']);
  const all = classes.flat();
  if (all.length === 0) throw new Error('GenerateSecretString excludes every character');

  const required = (properties.optionalBoolean('RequireEachIncludedType') ?? true) ? classes : [];
  if (!Number.isInteger(length) || length < Math.max(required.length, 1) || length > passwordLengthMax) {
    throw new Error(`GenerateSecretString.PasswordLength must be a whole number up to ${passwordLengthMax}: ${length}`);
  }
  const picked = required.map((characters) => pick(characters, random));
  while (picked.length < length) picked.push(pick(all, random));
  return shuffle(picked, random).join('');
}

function pick(characters: readonly string[], random: RandomInteger): string {
  return characters[random(characters.length)] ?? '';
}

/** Fisher–Yates, so that the required characters are not always the first ones. */
function shuffle(items: readonly string[], random: RandomInteger): string[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] ?? '', shuffled[last] ?? ''];
  }
  return shuffled;
}
