// What the page and the frame say to each other. Both check the other's window and origin; nothing else gets in (W1).

import type { Language } from "./protocol";

/** The first word to the frame is always "kept": with what it gave away for safe keeping when its own storage is closed. */
export type ToFrame =
  | { type: "kept"; notes: Record<string, string> }
  | { type: "open"; page: string; title?: string }
  | { type: "closed" }
  | { type: "identify"; token: string }
  | { type: "logout" };

export type ToPage =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number }
  | { type: "look"; color: string; language: Language }
  | { type: "talked" } // something was said: the next page may load the frame at once
  | { type: "identity" } // the signed identity is needed again: it expired
  | { type: "keep"; name: string; value: string | null };

interface Envelope<T> {
  mikawaya: 1;
  said: T;
}

export function wrapped<T>(said: T): Envelope<T> {
  return { mikawaya: 1, said };
}

/** The words in a message event when they come from that window of that origin; else null. */
export function opened<T>(event: MessageEvent, from: Window | null, origin: string): T | null {
  if (!from || event.source !== from || event.origin !== origin) return null;
  const data = event.data as Partial<Envelope<T>> | null;
  return typeof data === "object" && data !== null && data.mikawaya === 1 ? (data.said ?? null) : null;
}
