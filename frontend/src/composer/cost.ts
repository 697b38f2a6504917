// What an answer on a thread would cost, and which thread is the natural one. Pure.
import type { MessageOut, ThreadOut } from "@/api";

export type Cost =
  | { kind: "free"; seconds: number }
  /** `warned`: the percentage of the month's messages that is used, from 80 on (L22). */
  | { kind: "counted"; n: number; left: number | null; warned?: number }
  | { kind: "none" };

/** A reply token is free while it lives; behind it the same answer is a counted push. */
export function costOf(thread: ThreadOut, now: number, pieces = 1): Cost {
  const { reply } = thread;
  const left = reply.free_until ? Math.ceil((Date.parse(reply.free_until) - now) / 1000) : 0;
  if (reply.via === "reply" && left > 0) return { kind: "free", seconds: left };
  if (reply.via === "reply" || reply.cost > 0) {
    const { limit = null, used = 0 } = thread.quota ?? {};
    const remaining = limit === null ? null : Math.max(0, limit - used);
    const percent = limit ? Math.min(100, Math.floor((used * 100) / limit)) : 0;
    return { kind: "counted", n: Math.max(1, Math.ceil(pieces / 5)), left: remaining, ...(percent >= 80 ? { warned: percent } : {}) };
  }
  return { kind: "none" };
}

/** Where the customer wrote last, if one can answer there; else where one can. */
export function naturalThread(threads: ThreadOut[], messages: MessageOut[]): ThreadOut | undefined {
  const last = messages.filter((message) => message.author === "customer" && message.thread_id !== null).at(-1);
  const theirs = threads.find((thread) => thread.id === last?.thread_id);
  if (theirs) return theirs;
  return threads.find((thread) => thread.current && thread.reply.possible) ?? threads.find((thread) => thread.reply.possible) ?? threads[0];
}

const enders = /[。！？!?\n]/;

/** As the server splits: at a paragraph, else behind a sentence, else between two characters. Counted in UTF-16 units. */
export function split(text: string, most: number): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const head = rest.slice(0, most);
    let cut = head.lastIndexOf("\n\n");
    if (cut < most / 2) {
      cut = -1;
      for (let i = head.length - 1; i >= most / 2 && cut < 0; i--) if (enders.test(head[i]!)) cut = i + 1;
    }
    if (cut <= 0) cut = boundary(head);
    found.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trimStart();
  }
  if (rest) found.push(rest);
  return found;
}

/** The last place before the end that is not inside a character made of several units. */
function boundary(head: string): number {
  const last = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(head)].at(-1);
  return last && last.index > 0 ? last.index : head.length;
}
