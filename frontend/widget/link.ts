// The socket: opens, pings, notices silence, and opens again with a back-off that spreads out the crowd (W5).

import { openLine, type Wire } from "./line";
import type { ClientFrame, ServerFrame } from "./protocol";

const PING_MS = 25_000;
const SILENCE_MS = 10_000; // after a ping; then the line is dead, whatever the browser believes
const OPENING_MS = 10_000; // some proxies neither let a WebSocket through nor refuse it
const BLOCKED = 2; // WebSockets in a row that never opened: then it goes over HTTP until that is lost, too
const SHORTEST_S = 1;
const LONGEST_S = 30;

/** How long to wait before the next attempt, in milliseconds: 1 to 30 s, doubling, with jitter. `chance` is 0 to 1. */
export function pause(attempt: number, chance: number): number {
  const most = Math.min(LONGEST_S, SHORTEST_S * 2 ** Math.min(attempt, 10));
  return Math.max(SHORTEST_S, most * (0.5 + chance / 2)) * 1000;
}

export interface Ears {
  connecting(): void;
  connected(): void;
  heard(frame: ServerFrame): void;
  lost(): void;
}

export interface Link {
  start(): void;
  stop(): void;
  restart(): void;
  send(frame: ClientFrame): void;
  calm(): void; // the server answered: the next loss begins with a short pause again
  slow(): void; // the server is busy: the next attempt takes its time
}

export function openLink(url: string, ears: Ears): Link {
  let socket: Wire | null = null;
  let unopened = 0;
  let attempt = 0;
  let retry = 0;
  let ping = 0;
  let silence = 0;
  let wanted = false;

  function start(): void {
    wanted = true;
    if (socket) return;
    window.clearTimeout(retry);
    ears.connecting();
    const plain = unopened >= BLOCKED;
    const mine: Wire = plain ? openLine(`${url.replace(/^ws/, "http")}/line`) : (new WebSocket(url) as unknown as Wire);
    socket = mine;
    unopened = plain ? BLOCKED - 1 : unopened + Number(navigator.onLine);
    const opening = window.setTimeout(drop, OPENING_MS);
    mine.onopen = () => {
      window.clearTimeout(opening);
      if (!plain) unopened = 0;
      ping = window.setInterval(() => send({ op: "ping" }), PING_MS);
      ears.connected();
    };
    mine.onmessage = (event) => {
      window.clearTimeout(silence);
      silence = 0;
      const frame = parsed(event.data);
      if (frame && socket === mine) ears.heard(frame);
    };
    mine.onclose = () => {
      window.clearTimeout(opening);
      if (socket === mine) drop();
    };
  }

  function drop(): void {
    const old = socket;
    socket = null;
    window.clearInterval(ping);
    window.clearTimeout(silence);
    silence = 0;
    old?.close();
    ears.lost();
    if (wanted) retry = window.setTimeout(start, pause(attempt++, Math.random()));
  }

  function stop(): void {
    wanted = false;
    window.clearTimeout(retry);
    if (socket) drop();
  }

  function send(frame: ClientFrame): void {
    if (socket?.readyState !== 1) return;
    socket.send(JSON.stringify(frame));
    if (frame.op === "ping" && silence === 0) silence = window.setTimeout(drop, SILENCE_MS);
  }

  function hurry(): void {
    if (wanted && !socket) start();
    else send({ op: "ping" });
  }

  window.addEventListener("online", hurry);
  window.addEventListener("offline", () => {
    if (socket) drop();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") hurry();
  });

  return {
    start,
    stop,
    restart: () => {
      stop();
      start();
    },
    send,
    calm: () => (attempt = 0),
    slow: () => (attempt = Math.max(attempt, 5)),
  };
}

function parsed(data: unknown): ServerFrame | null {
  try {
    const frame = JSON.parse(String(data)) as ServerFrame | null;
    return frame && typeof frame.op === "string" ? frame : null;
  } catch {
    return null;
  }
}
