/** A picture in a terminal that is drawn over the one before, or plain text where there is no terminal. */
export type Output = Pick<NodeJS.WriteStream, 'write'> &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>;

export interface Screen {
  draw(text: string): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

const codes = {
  /** A screen of its own, without a cursor; what was there before comes back at the end. */
  open: '\u001b[?1049h\u001b[?25l',
  close: '\u001b[?25h\u001b[?1049l',
  home: '\u001b[H',
  endOfLine: '\u001b[K',
  endOfScreen: '\u001b[J',
} as const;

export function openScreen(output: Output): Screen {
  if (output.isTTY !== true) return { draw: (text) => void output.write(`${text}\n\n`), close() {} };
  output.write(codes.open);
  return {
    draw(text) {
      const { columns = 80, rows = 24 } = output;
      const lines = text
        .split('\n')
        .slice(0, rows - 1)
        .map((line) => `${line.slice(0, columns)}${codes.endOfLine}`);
      output.write(`${codes.home}${lines.join('\n')}${codes.endOfScreen}`);
    },
    close: () => void output.write(codes.close),
  };
}
