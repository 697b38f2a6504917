// What stands in the log: the conversation as lines with day separators, groups and delivery states. Pure.

import type { Asks, ErrorCode, Language, SentFile } from "./protocol";
import { dayName, dayOf } from "./text";
import type { Thread } from "./thread";

export interface DayLine {
  kind: "day";
  key: string;
  name: string; // "today", "yesterday", or the date in words
  at: string;
}

export interface Bubble {
  kind: "bubble";
  key: string; // stays the same while a draft becomes a message
  from: "visitor" | "agent" | "machine";
  name: string;
  text: string;
  files: SentFile[];
  at: string;
  first: boolean; // of a group by the same hand
  timed: boolean; // the next one of the group does not say the same minute again
  unsent: boolean;
  state: "" | "waiting" | "offline" | "sent" | "read" | "failed";
  code: ErrorCode | null;
  client_id: string | null;
  asks: Asks | null;
}

export type Line = DayLine | Bubble;

const GROUP_MS = 5 * 60_000;

export function linesOf(thread: Thread, now: Date, language: Language): Line[] {
  const lines: Line[] = [];
  let day = "";
  let last: Bubble | null = null;
  for (const bubble of bubblesOf(thread)) {
    const key = dayOf(new Date(bubble.at));
    if (key !== day) {
      lines.push({ kind: "day", key: `day:${key}`, name: dayName(bubble.at, now, language), at: bubble.at });
      last = null;
    }
    day = key;
    bubble.first = !last || last.from !== bubble.from || last.name !== bubble.name || apart(last.at, bubble.at) > GROUP_MS;
    if (last && !bubble.first) last.timed = last.at.slice(0, 16) !== bubble.at.slice(0, 16);
    lines.push(bubble);
    last = bubble;
  }
  return lines;
}

function bubblesOf(thread: Thread): Bubble[] {
  const own = thread.messages.filter((message) => message.from === "visitor");
  const newest = own.at(-1)?.seq;
  const read = own.findLast((message) => message.seq <= thread.agentSeen)?.seq;
  const said = thread.messages.map((message): Bubble => {
    const { from, name, text, files, at, unsent, client_id, seq } = message;
    const state = seq === read ? "read" : seq === newest ? "sent" : "";
    return { kind: "bubble", key: client_id ?? `seq:${seq}`, from, name, text, files, at, unsent, client_id, first: true, timed: true, code: null, state, asks: message.asks ?? null };
  });
  const waiting = thread.outbox.map((draft): Bubble => {
    const { client_id, text, files, at, code } = draft;
    const state = draft.state === "failed" ? "failed" : thread.link === "open" ? "waiting" : "offline";
    return { kind: "bubble", key: client_id, from: "visitor", name: "", text, files, at, unsent: false, client_id, first: true, timed: true, code: code ?? null, state, asks: null };
  });
  return [...said, ...waiting];
}

function apart(before: string, after: string): number {
  return Math.abs(Date.parse(after) - Date.parse(before));
}
