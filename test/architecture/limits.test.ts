import { expect, it } from 'vitest';
import { inFolder, readSources } from './sources.ts';

const fileLinesMax = 300;
const functionLinesMax = 70;
const stackConstructorLinesMax = 40;
const parametersMax = 3;

const sources = readSources(['layers', 'functions', 'services', 'lib', 'local', 'bench']);
const functions = sources.flatMap((source) => source.functions);

it('there is code to measure', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(functions.length).toBeGreaterThan(sources.length);
});

it(`no file is longer than ${fileLinesMax} lines`, () => {
  const long = sources.filter(({ lineCount }) => lineCount > fileLinesMax);
  expect(long.map(({ path, lineCount }) => `${path} has ${lineCount}`)).toEqual([]);
});

it(`no function is longer than ${functionLinesMax} lines`, () => {
  const long = functions.filter(({ ownLineCount }) => ownLineCount > functionLinesMax);
  expect(long.map(({ place, ownLineCount }) => `${place} has ${ownLineCount}`)).toEqual([]);
});

it(`no function takes more than ${parametersMax} positional parameters`, () => {
  const wide = functions.filter(({ parameterCount }) => parameterCount > parametersMax);
  expect(wide.map(({ place, parameterCount }) => `${place} takes ${parameterCount}`)).toEqual([]);
});

it(`no function of a stack, its constructor first of all, is longer than ${stackConstructorLinesMax} lines`, () => {
  const stacks = sources.filter(({ path }) => inFolder(path, 'lib/stacks'));
  expect(stacks.length).toBe(6);
  const long = stacks
    .flatMap((stack) => stack.functions)
    .filter(({ ownLineCount }) => ownLineCount > stackConstructorLinesMax);
  expect(long.map(({ place, ownLineCount }) => `${place} has ${ownLineCount}`)).toEqual([]);
});

it('files are named in kebab-case', () => {
  expect(sources.map(({ path }) => path).filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.d)?\.ts$/.test(path))).toEqual(
    [],
  );
});
