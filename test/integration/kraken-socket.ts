import WebSocket from 'ws';

export type Message = Record<string, unknown>;

/** Numbers as the text they were written in, which checksums are made of. */
function parseExactly(text: string): Message {
  return JSON.parse(text, (_key, value: unknown, ...rest: unknown[]) => {
    const [context] = rest as [{ source?: string } | undefined];
    return typeof value === 'number' ? (context?.source ?? String(value)) : value;
  }) as Message;
}

/** A plain connection that hands out messages one by one. */
export async function connect(url: string) {
  const socket = new WebSocket(url);
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(parseExactly(data.toString()));
    waiting.shift()?.();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    close: () => socket.close(),
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    /** The next message that fits; others are skipped. */
    async next(fits: (message: Message) => boolean = () => true): Promise<Message> {
      for (;;) {
        const message = messages.shift();
        if (message === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
        else if (fits(message)) return message;
      }
    },
  };
}
