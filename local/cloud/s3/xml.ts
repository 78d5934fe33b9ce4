/** The little XML that S3 speaks: writing elements, and reading the bodies of two operations. */
import { malformedXml } from './errors.ts';

export const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** What markup or a reader's normalisation of line ends would change. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them.
const unsafe = /[<>&"'\x00-\x1f\x7f]/g;

const escapeText = (text: string): string =>
  text.replace(unsafe, (character) => `&#x${character.charCodeAt(0).toString(16)};`);

/** Values of an element in order: `undefined` leaves one out, a list repeats it, an object nests. */
export type XmlValue = string | number | boolean | undefined | XmlObject | readonly XmlObject[];
export interface XmlObject {
  readonly [name: string]: XmlValue;
}

function write(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((item) => write(name, item)).join('');
  const content =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, inner]) => write(child, inner))
          .join('')
      : escapeText(String(value));
  return `<${name}${attributes}>${content}</${name}>`;
}

const isList = (value: XmlValue): value is readonly XmlObject[] => Array.isArray(value);

/** A whole document in S3's namespace. */
export const writeDocument = (root: string, value: XmlObject | string): string =>
  declaration + write(root, value, ` xmlns="${xmlns}"`);

/** Errors are in no namespace. */
export const writeError = (value: XmlObject): string => declaration + write('Error', value);

export interface XmlElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const token =
  /<(?:\?[^>]*\?|!--[\s\S]*?--|(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?))>|([^<]+)/y;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const depthMax = 8;

/** Reads a document without DTD. @throws S3Error `MalformedXML` */
export function readDocument(text: string): XmlElement {
  const root: XmlElement = { name: '', text: '', children: [] };
  const open: XmlElement[] = [root];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    const top = open.at(-1);
    if (match === null || top === undefined) throw malformedXml('it is not a list of elements');
    const [, closing, name, , selfClosing, characters] = match;
    if (characters !== undefined) top.text += readText(characters);
    else if (name === undefined) continue;
    else if (closing) closeElement(open, name);
    else openElement(open, { name, isEmpty: selfClosing === '/' });
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined || root.children.length > 1) {
    throw malformedXml('it must have one root element that is closed');
  }
  return document;
}

function openElement(open: XmlElement[], { name, isEmpty }: { name: string; isEmpty: boolean }): void {
  const element: XmlElement = { name, text: '', children: [] };
  open.at(-1)?.children.push(element);
  if (!isEmpty) open.push(element);
  if (open.length > depthMax) throw malformedXml('it is nested too deeply');
}

function closeElement(open: XmlElement[], name: string): void {
  if (open.length < 2 || open.pop()?.name !== name) throw malformedXml(`</${name}> closes nothing`);
}

function readText(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));|&/g, (_, hex, decimal, name) => {
    if (hex !== undefined || decimal !== undefined)
      return readCharacter(hex ? Number.parseInt(hex, 16) : Number(decimal));
    const character = entities[String(name)];
    if (character === undefined) throw malformedXml('an entity is not known');
    return character;
  });
}

function readCharacter(codePoint: number): string {
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint > 0x10ffff || isSurrogate) throw malformedXml('a character reference is out of range');
  return String.fromCodePoint(codePoint);
}

/** Text of the only child of that name. @returns undefined when there is none. @throws S3Error when there are more */
export function childText(element: XmlElement, name: string): string | undefined {
  const [first, second] = element.children.filter((child) => child.name === name);
  if (second !== undefined) throw malformedXml(`${element.name} has more than one ${name}`);
  return first?.text;
}
