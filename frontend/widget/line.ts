// The frames of the socket over plain HTTP, for networks that let no WebSocket through (W5). It looks like a socket to
// link.ts; the server's side is app/api/longpoll.py.

export interface Wire {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

interface Answer {
  number: number;
  frames: unknown[];
}

const OPEN = 1;
const CLOSED = 3;
const PATIENCE_MS = 40_000; // the server answers within 25 s

export function openLine(base: string): Wire {
  let line = "";
  let number = 0;
  let sending: Promise<void> = Promise.resolve();
  const gone = new AbortController();

  const wire: Wire & { readyState: number } = { readyState: 0, onopen: null, onmessage: null, onclose: null, send, close };

  function lost(): void {
    if (wire.readyState === CLOSED) return;
    wire.readyState = CLOSED;
    gone.abort();
    window.removeEventListener("pagehide", leave);
    wire.onclose?.();
  }

  function leave(): void {
    if (line) navigator.sendBeacon(`${base}/${line}/end`);
  }

  function close(): void {
    if (wire.readyState !== CLOSED) leave();
    lost();
  }

  /** One thing after the other: order is what the visitor did. */
  function send(text: string): void {
    sending = sending.then(() => (line ? say(text) : begin(text))).catch(lost);
  }

  async function begin(hello: string): Promise<void> {
    const answer = await post(base, hello);
    const said = (await answer.json()) as { line?: string };
    if (!said.line) {
      hear([said]);
      throw new Error("refused");
    }
    line = said.line;
    window.addEventListener("pagehide", leave);
    void listen();
  }

  async function say(text: string): Promise<void> {
    const answer = await post(`${base}/${line}`, `{"frames":[${text}]}`);
    if (!answer.ok) throw new Error(String(answer.status));
  }

  function post(url: string, body: string): Promise<Response> {
    return fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json" }, signal: gone.signal });
  }

  async function listen(): Promise<void> {
    try {
      while (wire.readyState === OPEN) {
        const late = AbortSignal.timeout(PATIENCE_MS);
        const answer = await fetch(`${base}/${line}?after=${number}`, { signal: AbortSignal.any([gone.signal, late]) });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = (await answer.json()) as Answer;
        if (found.number !== number) hear(found.frames);
        number = found.number;
      }
    } catch {
      lost();
    }
  }

  function hear(frames: unknown[]): void {
    for (const frame of frames) wire.onmessage?.({ data: JSON.stringify(frame) });
  }

  queueMicrotask(() => {
    if (wire.readyState === CLOSED) return;
    wire.readyState = OPEN;
    wire.onopen?.();
  });
  return wire;
}
