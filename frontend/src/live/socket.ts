// The one socket to the server. It says hello with its cursor, so after any break it gets what it missed.
import type { Cursor, Frame } from "@/api";

export type Line = "connecting" | "open" | "lost" | "signed-out";

export interface SocketOptions {
  url: string;
  cursor: () => Cursor | null;
  frame: (frame: Frame) => void;
  line: (line: Line, retryInMs: number) => void;
  random?: () => number;
  make?: (url: string) => WebSocket;
}

const SIGNED_OUT = 4401;
const SILENCE_MS = 60_000; // the server pings every 25 s

/** Exponential, 0.5 s to 20 s, with full jitter in its upper half: a restarted server is not stormed by all desks at once. */
export function backoff(attempt: number, random: number): number {
  const whole = Math.min(20_000, 500 * 2 ** attempt);
  return Math.round(whole / 2 + (whole / 2) * random);
}

export function connect(options: SocketOptions): { send: (message: object) => void; close: () => void } {
  const make = options.make ?? ((url: string) => new WebSocket(url));
  const random = options.random ?? Math.random;
  let socket: WebSocket | null = null;
  let attempt = 0;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const send = (message: object): void => {
    if (socket?.readyState === 1) socket.send(JSON.stringify(message));
  };

  const listen = (current: WebSocket): void => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(current, 0), SILENCE_MS);
  };

  const lose = (current: WebSocket, code: number): void => {
    if (current !== socket || stopped) return;
    clearTimeout(silence);
    socket = null;
    current.close();
    if (code === SIGNED_OUT) return options.line("signed-out", 0);
    const wait = backoff(attempt++, random());
    options.line("lost", wait);
    retry = setTimeout(open, wait);
  };

  const open = (): void => {
    clearTimeout(retry);
    if (stopped || socket) return;
    options.line("connecting", 0);
    const current = make(options.url);
    socket = current;
    listen(current);
    current.onopen = () => current.send(JSON.stringify({ op: "hello", cursor: options.cursor() }));
    current.onclose = (event) => lose(current, event.code);
    current.onmessage = (event) => {
      listen(current);
      const frame = JSON.parse(String(event.data)) as Frame;
      if (frame.op === "ping") return send({ op: "pong" });
      if (frame.op === "ready") {
        attempt = 0;
        options.line("open", 0);
      }
      options.frame(frame);
    };
  };

  const wake = (): void => {
    attempt = 0;
    open();
  };
  window.addEventListener("online", wake);
  open();

  return {
    send,
    close: () => {
      stopped = true;
      window.removeEventListener("online", wake);
      clearTimeout(retry);
      clearTimeout(silence);
      socket?.close();
      socket = null;
    },
  };
}
