/** The project's own code as its compiler sees it, reduced to what the rules of this folder speak about. */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { paths } from '@nightdesk/infra/config/paths.ts';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import { SyntaxKind } from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

export interface FunctionSpan {
  /** `path:line` of its first line. */
  place: string;
  /** Its lines without those of functions inside it, which count for themselves. */
  ownLineCount: number;
  /** Positional parameters; 0 where an interface that is not ours dictates them, as in overrides and callbacks. */
  parameterCount: number;
}

export interface Source {
  /** From the repository's root, with `/`. */
  path: string;
  lineCount: number;
  /** Module names as written, of imports for types and of dynamic ones too. */
  imports: string[];
  functions: FunctionSpan[];
  /** `object.member` and plain names that are used as values, e.g. `Date.now`, `process`, and `new Date()`. */
  uses: Set<string>;
  /** Whole texts of string literals, module names aside. */
  texts: Set<string>;
}

/** Reads every file of tsconfig.json below the given folders. */
export function readSources(folders: readonly string[]): Source[] {
  const api = new API({ cwd: paths.root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(paths.root, 'tsconfig.json')] }).getProjects();
    if (!project) throw new Error('tsconfig.json names no project');
    const files = project.rootFiles.filter((file) => folders.some((folder) => inFolder(pathOf(file), folder)));
    return files.map((file) => {
      const sourceFile = project.program.getSourceFile(file);
      if (!sourceFile) throw new Error(`the compiler does not know ${file}`);
      return describeSource(pathOf(file), sourceFile);
    });
  } finally {
    api.close();
  }
}

const pathOf = (file: string): string => relative(paths.root, file).split(sep).join('/');

export const inFolder = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

function describeSource(path: string, sourceFile: SourceFile): Source {
  const fileLineCount = readFileSync(join(paths.root, path), 'utf8').split('\n').length - 1;
  const source: Source = {
    path,
    lineCount: fileLineCount,
    imports: [],
    functions: [],
    uses: new Set(),
    texts: new Set(),
  };
  const lineOf = (position: number): number => sourceFile.getLineAndCharacterOfPosition(position).line + 1;
  /** @returns the lines that functions within the node take up beyond their first */
  const visit = (node: Node): number => {
    noteImport(node, source);
    noteUse(node, source);
    let innerLineCount = 0;
    node.forEachChild((child) => {
      innerLineCount += visit(child);
    });
    if (!is.isFunctionLikeDeclaration(node) || !node.body) return innerLineCount;
    const line = lineOf(node.getStart());
    const lineCount = lineOf(node.end) - line + 1;
    const parameterCount = declaresItsParameters(node) ? node.parameters.length : 0;
    source.functions.push({ place: `${path}:${line}`, ownLineCount: lineCount - innerLineCount, parameterCount });
    return lineCount - 1;
  };
  visit(sourceFile);
  return source;
}

/** Whether whoever wrote the function also chose its parameters. */
function declaresItsParameters(node: Node): boolean {
  if (is.isFunctionDeclaration(node) || is.isConstructorDeclaration(node)) return true;
  if (is.isMethodDeclaration(node)) return !node.modifiers?.some(({ kind }) => kind === SyntaxKind.OverrideKeyword);
  return is.isVariableDeclaration(node.parent);
}

function noteImport(node: Node, source: Source): void {
  const declares = is.isImportDeclaration(node) || is.isExportDeclaration(node);
  const specifier = declares ? node.moduleSpecifier : undefined;
  if (specifier && is.isStringLiteral(specifier)) source.imports.push(specifier.text);
  if (is.isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    const [name] = node.arguments;
    if (name && is.isStringLiteral(name)) source.imports.push(name.text);
  }
}

function noteUse(node: Node, { uses, texts, imports }: Source): void {
  if (is.isPropertyAccessExpression(node) && is.isIdentifier(node.expression)) {
    uses.add(`${node.expression.text}.${node.name.text}`);
  }
  if (is.isIdentifier(node)) uses.add(node.text);
  if (is.isNewExpression(node) && is.isIdentifier(node.expression) && !node.arguments?.length) {
    uses.add(`new ${node.expression.text}()`);
  }
  if (is.isStringLiteral(node) && !imports.includes(node.text)) texts.add(node.text);
}
