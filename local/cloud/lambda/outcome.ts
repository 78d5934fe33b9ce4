/** How an invocation can end, with the error payloads that Lambda writes itself. */

export type Outcome = { status: 'success'; payload: string } | { status: 'error' | 'timeout'; payload: string };

/** How a sandbox's process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export function timedOut(requestId: string, timeoutMs: number): Outcome {
  const errorMessage = `RequestId: ${requestId} Error: ${timeoutText(timeoutMs)}`;
  return { status: 'timeout', payload: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }) };
}

export function timeoutText(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
}

export function exited(requestId: string, exit: ProcessExit): Outcome {
  const errorMessage = `RequestId: ${requestId} Error: ${exitText(exit)}`;
  return { status: 'error', payload: JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage }) };
}

export function exitText({ code, signal }: ProcessExit): string {
  if (signal !== null) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}

/** As Go, in which Lambda's own supervisor is written, names them. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};
