/** Tells how far a long work has come, now and then. */
export interface Progress {
  (text: () => string): void;
  /** Removes what was told from a terminal's line. */
  done(): void;
}

/** Where progress is told: standard error. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** On a terminal, a line that changes; elsewhere, a line every few seconds. */
export function createProgress(stream: ProgressStream): Progress {
  const isTerminal = stream.isTTY === true;
  const every = isTerminal ? 200 : 5000;
  let toldAt = performance.now();
  let isShown = false;
  const tell = (text: () => string) => {
    const now = performance.now();
    if (now - toldAt < every) return;
    toldAt = now;
    isShown = isTerminal;
    stream.write(isTerminal ? `\r\u001b[K${text()}` : `${text()}\n`);
  };
  return Object.assign(tell, {
    done() {
      if (isShown) stream.write("\r\u001b[K");
      isShown = false;
    },
  });
}
