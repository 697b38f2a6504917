// The order of what is shown in the middle: days, messages, events. Pure.
import type { EventOut, MessageOut } from "@/api";
import { dayKey } from "@/time";

export type Entry =
  | { key: string; type: "day"; at: string }
  | { key: string; type: "message"; message: MessageOut; lead: boolean }
  | { key: string; type: "events"; events: EventOut[] };

const told = /^(ticket\.|handover\.|touch\.decided|outreach\.answered|harassment\.|survey\.answered|article\.(solved|person)|identity\.|clock\.(breached|retargeted|kept)|inbox\.noticed|message\.(approved|refused|reread))/;
const GROUP_MS = 5 * 60_000;

/** Messages and calls speak for themselves; only what changes the ticket gets a line. */
export const isTold = (event: EventOut): boolean => told.test(event.kind) && event.params.code !== "phone.conference";

const who = (message: MessageOut): string => `${message.author} ${message.agent_id ?? message.author_name} ${message.audience} ${message.thread_id ?? ""}`;

export function timeline(messages: MessageOut[], events: EventOut[], moreBefore: boolean): Entry[] {
  const from = moreBefore && messages[0] ? Date.parse(messages[0].sent_at) : Number.NEGATIVE_INFINITY;
  const all = [
    ...messages.map((message) => ({ at: message.sent_at, order: 0, message })),
    ...events.filter((event) => isTold(event) && Date.parse(event.at) >= from).map((event) => ({ at: event.at, order: 1, event })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.order - b.order);

  const entries: Entry[] = [];
  let day = "";
  let last: MessageOut | null = null;
  for (const one of all) {
    if (dayKey(one.at) !== day) {
      day = dayKey(one.at);
      last = null;
      entries.push({ key: `day ${day}`, type: "day", at: one.at });
    }
    if ("event" in one) {
      const before = entries.at(-1);
      if (before?.type === "events") before.events.push(one.event);
      else entries.push({ key: `event ${one.event.id}`, type: "events", events: [one.event] });
      last = null;
      continue;
    }
    const { message } = one;
    const lead = !last || who(last) !== who(message) || Date.parse(message.sent_at) - Date.parse(last.sent_at) > GROUP_MS;
    entries.push({ key: message.client_id ? `own ${message.client_id}` : `message ${message.id}`, type: "message", message, lead });
    last = message;
  }
  return entries;
}

/** A mail's new words and its folded rest. The index counts characters as the server does, not UTF-16 units. */
export function fold(text: string, at: unknown): [shown: string, folded: string] {
  if (typeof at !== "number" || at < 0) return [text, ""];
  const characters = [...text];
  const shown = characters.slice(0, at).join("").trimEnd();
  return shown ? [shown, characters.slice(at).join("").trim()] : [text, ""];
}

/** Tables and pictures lose their meaning as plain text; all else reads better without the sender's styles. */
export const isRich = (html: string): boolean => /<(table|img|video)\b/i.test(html);
export const hasRemoteImages = (html: string): boolean => /<(img|source|td|table|div)\b[^>]*?(src|srcset|background)\s*=\s*["']?\s*(https?:)?\/\//i.test(html);
