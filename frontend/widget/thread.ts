// The conversation as the visitor's side knows it: one value, and one pure `apply` that turns it and an event into the
// next value and the frames to send. Order is by `seq` alone; what this side says is known by its `client_id` (W4).

import { chosenIn } from "./choices";
import type { Choose, ErrorCode, Look, Message, RefusedCode, Say, Seen, SentFile, ServerFrame, Welcome } from "./protocol";

export interface Draft {
  client_id: string;
  text: string;
  files: SentFile[];
  name?: string;
  email?: string;
  at: string;
  state: "waiting" | "failed";
  code?: ErrorCode;
}

export interface Thread {
  link: "off" | "connecting" | "open" | "lost" | "refused";
  refused: RefusedCode | null;
  visitor: string | null;
  thread: string | null;
  look: Look | null;
  messages: Message[]; // by seq, without holes up to lastSeq
  lastSeq: number;
  early: Message[]; // came before those that belong in front of them
  asked: number | null; // the last_seq of a hello that has no welcome yet
  outbox: Draft[]; // said, and not yet seen in the log
  ended: boolean;
  agentSeen: number; // the desk has read up to here
  seen: number; // the visitor has read up to here
  seenThread: string | null; // the conversation that `seen` belongs to
  typing: string | null; // who is typing at the desk
  notice: ErrorCode | null;
}

/** A hello without what only the rim knows: widget, identity, language, page. */
export interface HelloAgain {
  op: "hello";
  visitor: string | null;
  thread: string | null;
  last_seq: number;
}

export type Wish = HelloAgain | Say | Seen | Choose | { op: "new" };

export type Event =
  | { type: "connecting" }
  | { type: "connected" }
  | { type: "lost" }
  | { type: "frame"; frame: ServerFrame }
  | { type: "said"; draft: Draft }
  | { type: "again"; client_id: string }
  | { type: "discarded"; client_id: string }
  | { type: "seen"; seq: number; elsewhere: boolean } // elsewhere: another tab of this visitor told the server
  | { type: "chose"; choice: Choose } // tapped an answer under a message of the desk
  | { type: "faded" } // nobody types any more
  | { type: "resumed" } // goes on in an ended conversation
  | { type: "anew" }; // asks for a new one

export type Step = [Thread, Wish[]];

export function begin(kept: Partial<Thread> = {}): Thread {
  return {
    link: "off",
    refused: null,
    visitor: null,
    thread: null,
    look: null,
    messages: [],
    lastSeq: 0,
    early: [],
    asked: null,
    outbox: [],
    ended: false,
    agentSeen: 0,
    seen: 0,
    seenThread: null,
    typing: null,
    notice: null,
    ...kept,
  };
}

export function apply(now: Thread, event: Event): Step {
  switch (event.type) {
    case "connecting":
      return [{ ...now, link: now.link === "lost" ? "lost" : "connecting", refused: null }, []];
    case "connected":
      return ask(now);
    case "lost":
      return [{ ...now, link: now.refused === null ? "lost" : "refused", asked: null, early: [], typing: null }, []];
    case "frame":
      return hear(now, event.frame);
    case "said":
      return say({ ...now, ended: false, outbox: [...now.outbox, event.draft], notice: null }, event.draft);
    case "again":
      return repeat(now, event.client_id);
    case "discarded":
      return [{ ...now, outbox: now.outbox.filter((draft) => draft.client_id !== event.client_id) }, []];
    case "seen":
      return event.seq <= now.seen
        ? [now, []]
        : [{ ...now, seen: event.seq }, event.elsewhere ? [] : [{ op: "seen", seq: event.seq }]];
    case "chose":
      return now.link === "open" ? [{ ...now, messages: chosenIn(now.messages, event.choice.data) }, [event.choice]] : [now, []];
    case "faded":
      return [{ ...now, typing: null }, []];
    case "resumed":
      return [{ ...now, ended: false }, []];
    case "anew":
      return [now, now.link === "open" ? [{ op: "new" }] : []];
  }
}

function hear(now: Thread, frame: ServerFrame): Step {
  switch (frame.op) {
    case "welcome":
      return welcome(now, frame);
    case "reset":
      return ask({ ...now, messages: [], lastSeq: 0, early: [] });
    case "refused":
      return [{ ...now, link: "refused", refused: frame.code, asked: null }, []];
    case "said":
    case "message":
      return place(now, frame.message);
    case "error":
      return [fail(now, frame.client_id, frame.code), []];
    case "seen":
      return [{ ...now, agentSeen: Math.max(now.agentSeen, frame.seq) }, []];
    case "typing":
      return [{ ...now, typing: frame.name }, []];
    default:
      return [now, []]; // "pong", and what a newer server may say
  }
}

/** What a welcome says is the server's word: it holds all that comes after the `last_seq` we asked from. */
function welcome(now: Thread, frame: Welcome): Step {
  const moved = now.thread !== null && now.thread !== frame.thread;
  if (moved && now.asked !== null && now.asked > 0) {
    const empty = { ...now, thread: frame.thread, messages: [], lastSeq: 0, early: [], agentSeen: 0 };
    return ask({ ...empty, visitor: frame.visitor, look: frame.config });
  }
  const before = moved ? [] : now.messages;
  // A hole that the server does not fill is not ours to wait for: what came early is taken as it is.
  const early = moved ? [] : now.early;
  const messages = merged(before, frame.messages.length > 0 ? frame.messages : early);
  const heard: Thread = {
    ...now,
    link: "open",
    refused: null,
    visitor: frame.visitor,
    thread: frame.thread,
    look: frame.config,
    messages,
    lastSeq: Math.max(messages.at(-1)?.seq ?? 0, frame.messages.length === 0 ? frame.last_seq : 0),
    early,
    asked: null,
    ended: frame.ended,
    agentSeen: Math.max(moved ? 0 : now.agentSeen, frame.seen ?? 0),
    typing: moved ? null : now.typing,
  };
  const [settled, wishes] = drain(known(heard));
  if (settled.asked === null && settled.lastSeq < frame.last_seq) return ask(settled); // it was the first page of several
  return [settled, [...wishes, ...settled.outbox.filter((draft) => draft.state === "waiting").map(sayOf)]];
}

/** In a conversation that this device sees for the first time, what stands before the visitor's last words is no news. */
function known(now: Thread): Thread {
  if (now.seenThread === now.thread) return now;
  const own = now.messages.findLast((message) => message.from === "visitor");
  return { ...now, seen: own?.seq ?? 0, seenThread: now.thread };
}

function place(now: Thread, message: Message): Step {
  if (message.seq <= now.lastSeq && now.asked === null) {
    const known = now.messages.find(({ seq }) => seq === message.seq);
    // Another message in this place: the desk goes on in a new thread, and what we have is of the old one.
    if (known && known.id !== message.id) return ask({ ...now, messages: [], lastSeq: 0, early: [], agentSeen: 0 });
    return [{ ...now, messages: merged(now.messages, [message]) }, []]; // again, or changed: taken back
  }
  const typing = message.from === "visitor" ? now.typing : null;
  return drain({ ...now, typing, early: merged(now.early, [message]) });
}

/** Takes over what follows without a hole; asks again when a hole is left (gap-fill) and nobody has asked yet. */
function drain(now: Thread): Step {
  if (now.asked !== null) return [now, []];
  let { messages, lastSeq } = now;
  const early: Message[] = [];
  for (const message of now.early) {
    if (message.seq > lastSeq + 1) early.push(message);
    else {
      messages = merged(messages, [message]);
      lastSeq = Math.max(lastSeq, message.seq);
    }
  }
  const known = new Set(messages.map((message) => message.client_id));
  const outbox = now.outbox.filter((draft) => !known.has(draft.client_id));
  const next = { ...now, messages, lastSeq, early, outbox };
  return early.length > 0 ? ask(next) : [next, []];
}

function ask(now: Thread): Step {
  const hello: HelloAgain = { op: "hello", visitor: now.visitor, thread: now.thread, last_seq: now.lastSeq };
  return [{ ...now, asked: now.lastSeq }, [hello]];
}

function say(now: Thread, draft: Draft): Step {
  return [now, now.link === "open" ? [sayOf(draft)] : []];
}

function repeat(now: Thread, client_id: string): Step {
  const draft = now.outbox.find((kept) => kept.client_id === client_id);
  if (!draft) return [now, []];
  const again: Draft = { ...draft, state: "waiting" };
  delete again.code;
  return say({ ...now, outbox: now.outbox.map((kept) => (kept === draft ? again : kept)) }, again);
}

function fail(now: Thread, client_id: string | null, code: ErrorCode): Thread {
  if (client_id === null) return { ...now, notice: code };
  const outbox = now.outbox.map((draft) =>
    draft.client_id === client_id ? { ...draft, state: "failed" as const, code } : draft,
  );
  return { ...now, outbox };
}

function sayOf({ client_id, text, files, name, email }: Draft): Say {
  const said: Say = { op: "say", client_id, text, files: files.map((file) => file.id) };
  if (name) said.name = name;
  if (email) said.email = email;
  return said;
}

/** Both lists as one, ordered by seq; of two with the same seq the later given wins. */
function merged(old: Message[], more: Message[]): Message[] {
  if (more.length === 0) return old;
  const bySeq = new Map(old.map((message) => [message.seq, message]));
  for (const message of more) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** How many messages of the desk the visitor has not read. */
export function unread(now: Thread): number {
  return now.messages.filter((message) => message.from !== "visitor" && !message.unsent && message.seq > now.seen).length;
}
