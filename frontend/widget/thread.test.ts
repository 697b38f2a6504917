import { describe, expect, it } from "vitest";
import type { Look, Message, Welcome } from "./protocol";
import { apply, begin, unread, type Draft, type Event, type Thread, type Wish } from "./thread";

const look: Look = {
  title: "三河屋", welcome: "いらっしゃいませ", color: "#2b4c7e", privacy_url: "", ask_name: false, ask_email: false, online: true, language: "ja",
};

function message(seq: number, more: Partial<Message> = {}): Message {
  const at = `2026-07-01T03:00:${String(seq % 60).padStart(2, "0")}Z`;
  return { seq, id: seq, from: "agent", name: "みか", text: `#${seq}`, html: "", at, files: [], client_id: null, unsent: false, ...more };
}

function welcome(messages: Message[], more: Partial<Welcome> = {}): Event {
  const last_seq = messages.at(-1)?.seq ?? 0;
  const frame: Welcome = { op: "welcome", visitor: "secret", thread: "t1", config: look, messages, last_seq, ended: false, ...more };
  return { type: "frame", frame };
}

const heard = (seq: number, more: Partial<Message> = {}): Event => ({ type: "frame", frame: { op: "message", message: message(seq, more) } });
const draft = (client_id: string, text = client_id): Draft => ({ client_id, text, files: [], at: "2026-07-01T03:01:00Z", state: "waiting" });
const said = (client_id: string): Event => ({ type: "said", draft: draft(client_id) });
const confirmed = (client_id: string, seq: number): Event => ({
  type: "frame",
  frame: { op: "said", client_id, message: message(seq, { from: "visitor", client_id }) },
});

function run(events: Event[], from: Thread = begin()): { thread: Thread; wishes: Wish[] } {
  const wishes: Wish[] = [];
  let thread = from;
  for (const event of events) {
    const [next, more] = apply(thread, event);
    thread = next;
    wishes.push(...more);
  }
  return { thread, wishes };
}

const seqs = (thread: Thread): number[] => thread.messages.map(({ seq }) => seq);
const opened = (messages: Message[] = []): Thread => run([{ type: "connecting" }, { type: "connected" }, welcome(messages)]).thread;

describe("W4 order, gaps and duplicates", () => {
  it("says hello with what it has, and is open after the welcome", () => {
    const { thread, wishes } = run([{ type: "connecting" }, { type: "connected" }, welcome([message(1), message(2)])], begin({ visitor: "v", thread: "t1" }));
    expect(wishes).toEqual([{ op: "hello", visitor: "v", thread: "t1", last_seq: 0 }]);
    expect([thread.link, thread.visitor, thread.lastSeq, seqs(thread)]).toEqual(["open", "secret", 2, [1, 2]]);
  });

  it("takes a message twice as one", () => {
    expect(seqs(run([heard(1), heard(1), heard(2), heard(1)], opened()).thread)).toEqual([1, 2]);
  });

  it("asks once for a gap and shows nothing behind it until it is filled", () => {
    const { thread, wishes } = run([heard(2), heard(5), heard(6)], opened([message(1)]));
    expect([seqs(thread), wishes]).toEqual([[1, 2], [{ op: "hello", visitor: "secret", thread: "t1", last_seq: 2 }]]);
    const filled = run([welcome([message(3), message(4), message(5)], { last_seq: 5 })], thread);
    expect([seqs(filled.thread), filled.wishes]).toEqual([[1, 2, 3, 4, 5, 6], []]);
  });

  it("does not lose what comes between the hello and its welcome", () => {
    const { thread } = run([{ type: "connecting" }, { type: "connected" }, heard(3), welcome([message(1), message(2)])]);
    expect(seqs(thread)).toEqual([1, 2, 3]);
  });

  it("asks on until a long history is there", () => {
    const pages = [1, 2, 3, 4].map((seq) => message(seq));
    const first = run([{ type: "connected" }, welcome(pages.slice(0, 2), { last_seq: 4 })]);
    expect(first.wishes.at(-1)).toMatchObject({ op: "hello", last_seq: 2 });
    expect(seqs(run([welcome(pages.slice(2), { last_seq: 4 })], first.thread).thread)).toEqual([1, 2, 3, 4]);
  });

  it("does not wait for a hole that the server does not fill", () => {
    const { thread, wishes } = run([heard(4), welcome([], { last_seq: 4 }), heard(5)], opened([message(1)]));
    expect([seqs(thread), wishes.length]).toEqual([[1, 4, 5], 1]);
  });

  it("is the same in every order of arrival", () => {
    const orders = [[2, 3, 4], [2, 4, 3], [3, 2, 4], [3, 4, 2], [4, 2, 3], [4, 3, 2]];
    for (const order of orders) {
      const early = run(order.map((seq) => heard(seq)), opened([message(1)])).thread;
      const missing = [2, 3, 4].filter((seq) => seq > early.lastSeq).map((seq) => message(seq));
      const { thread } = early.asked === null ? { thread: early } : run([welcome(missing, { last_seq: 4 })], early);
      expect(seqs(thread), order.join()).toEqual([1, 2, 3, 4]);
    }
  });

  it("drops its copy on a reset and asks from the beginning", () => {
    const { thread, wishes } = run([{ type: "frame", frame: { op: "reset" } }], opened([message(1), message(2)]));
    expect([seqs(thread), wishes]).toEqual([[], [{ op: "hello", visitor: "secret", thread: "t1", last_seq: 0 }]]);
  });

  it("shows a message that was taken back", () => {
    const { thread } = run([heard(1, { unsent: true, text: "" })], opened([message(1), message(2)]));
    expect(thread.messages.map(({ unsent }) => unsent)).toEqual([true, false]);
  });

  it("begins again when the desk goes on in a new thread under the same name", () => {
    const { thread, wishes } = run([heard(1, { id: 99, text: "new" })], opened([message(1), message(2)]));
    expect([seqs(thread), wishes]).toEqual([[], [{ op: "hello", visitor: "secret", thread: "t1", last_seq: 0 }]]);
  });

  it("forgets the old conversation when another one is given", () => {
    const moved = run([welcome([], { thread: "t2" })], opened([message(1), message(2)]));
    expect([seqs(moved.thread), moved.thread.lastSeq, moved.thread.thread]).toEqual([[], 0, "t2"]);
  });

  it("asks the new conversation from its beginning when the old one was asked for", () => {
    const lost = run([{ type: "lost" }, { type: "connecting" }, { type: "connected" }], opened([message(1), message(2)])).thread;
    const { thread, wishes } = run([welcome([message(3)], { thread: "t2" })], lost);
    expect([seqs(thread), wishes]).toEqual([[], [{ op: "hello", visitor: "secret", thread: "t2", last_seq: 0 }]]);
  });
});

describe("W4 the outbox", () => {
  it("says at once when open, and the log's message takes the draft's place", () => {
    const spoken = run([said("a")], opened());
    expect(spoken.wishes).toEqual([{ op: "say", client_id: "a", text: "a", files: [] }]);
    const { thread } = run([confirmed("a", 1)], spoken.thread);
    expect([thread.outbox, seqs(thread)]).toEqual([[], [1]]);
  });

  it("keeps what was said offline and says it after the welcome, in order", () => {
    const { thread, wishes } = run([{ type: "lost" }, said("a"), said("b")], opened());
    expect([wishes, thread.outbox.length]).toEqual([[], 2]);
    const back = run([{ type: "connected" }, welcome([])], thread);
    expect(back.wishes.slice(1).map((wish) => wish.op === "say" && wish.client_id)).toEqual(["a", "b"]);
  });

  it("does not say again what the log already holds", () => {
    const { thread } = run([said("a"), { type: "lost" }, { type: "connected" }], opened());
    const back = run([welcome([message(1, { from: "visitor", client_id: "a" })])], thread);
    expect([back.wishes, back.thread.outbox]).toEqual([[], []]);
  });

  it("keeps the draft while its message stands behind a gap", () => {
    const { thread } = run([said("a"), confirmed("a", 3)], opened([message(1)]));
    expect(thread.outbox.length).toBe(1);
    const filled = run([welcome([message(2), message(3, { from: "visitor", client_id: "a" })])], thread);
    expect([filled.thread.outbox, filled.wishes]).toEqual([[], []]);
  });

  it("marks what was refused, says it again when asked, with the same id", () => {
    const failed = run([said("a"), { type: "frame", frame: { op: "error", client_id: "a", code: "too_many" } }], opened()).thread;
    expect(failed.outbox[0]).toMatchObject({ state: "failed", code: "too_many" });
    expect(run([{ type: "lost" }, { type: "connected" }, welcome([])], failed).wishes).toHaveLength(1);
    const again = run([{ type: "again", client_id: "a" }], failed);
    expect(again.wishes).toEqual([{ op: "say", client_id: "a", text: "a", files: [] }]);
    expect(again.thread.outbox[0]).toEqual(draft("a"));
    expect(run([{ type: "discarded", client_id: "a" }], failed).thread.outbox).toEqual([]);
  });

  it("tells who they say they are only when they said it", () => {
    const { wishes } = run([{ type: "said", draft: { ...draft("a"), name: "佐藤" } }], opened());
    expect(wishes).toEqual([{ op: "say", client_id: "a", text: "a", files: [], name: "佐藤" }]);
  });
});

describe("W6 what has been read", () => {
  it("counts the desk's messages that are not read, and tells the server once", () => {
    const some = opened([message(1, { from: "visitor" }), message(2), message(3), message(4, { unsent: true })]);
    expect(unread(some)).toBe(2);
    const { thread, wishes } = run([{ type: "seen", seq: 3, elsewhere: false }, { type: "seen", seq: 2, elsewhere: false }], some);
    expect([unread(thread), wishes]).toEqual([0, [{ op: "seen", seq: 3 }]]);
  });

  it("believes another tab and tells nobody", () => {
    const { thread, wishes } = run([{ type: "seen", seq: 2, elsewhere: true }], opened([message(1), message(2)]));
    expect([unread(thread), wishes]).toEqual([0, []]);
  });

  it("takes what stands before the visitor's last words as read on a new device", () => {
    const history = [message(1), message(2, { from: "visitor" }), message(3)];
    expect(unread(opened(history))).toBe(1);
    const known = run([{ type: "connected" }, welcome(history)], begin({ seen: 3, seenThread: "t1" })).thread;
    expect(unread(known)).toBe(0);
  });

  it("remembers the furthest that the desk has read", () => {
    const seen = (seq: number): Event => ({ type: "frame", frame: { op: "seen", seq } });
    expect(run([seen(4), seen(2)], opened()).thread.agentSeen).toBe(4);
    expect(run([welcome([], { seen: 3 })], opened()).thread.agentSeen).toBe(3);
  });
});

describe("W3, W5 the line and the end of a conversation", () => {
  it("shows a lost line until the next welcome, a refusal until the next attempt", () => {
    const { thread } = run([{ type: "lost" }, { type: "connecting" }], opened());
    expect(thread.link).toBe("lost");
    const refused = run([{ type: "frame", frame: { op: "refused", code: "busy" } }, { type: "lost" }], thread).thread;
    expect([refused.link, refused.refused]).toEqual(["refused", "busy"]);
    expect(run([{ type: "connecting" }], refused).thread.refused).toBeNull();
  });

  it("goes on in an ended conversation, or asks for a new one", () => {
    const ended = run([{ type: "connected" }, welcome([message(1)], { ended: true })]).thread;
    expect(ended.ended).toBe(true);
    expect(run([{ type: "resumed" }], ended).thread.ended).toBe(false);
    expect(run([{ type: "anew" }], ended).wishes).toEqual([{ op: "new" }]);
  });

  it("stops the dots when the message is there, when the line is lost, and after a while", () => {
    const typing = run([{ type: "frame", frame: { op: "typing", name: "みか" } }], opened()).thread;
    expect(typing.typing).toBe("みか");
    for (const event of [heard(1), { type: "lost" }, { type: "faded" }] as Event[]) expect(run([event], typing).thread.typing).toBeNull();
    expect(run([heard(1, { from: "visitor" })], typing).thread.typing).toBe("みか");
  });

  it("does not mind what a newer server says", () => {
    const thread = opened();
    expect(apply(thread, { type: "frame", frame: { op: "fireworks" } as never })).toEqual([thread, []]);
  });
});

describe("an answer to tap", () => {
  const asks = { choices: [{ label: "5", data: "a" }, { label: "1", data: "b" }], chosen: null };
  const chose: Event = { type: "chose", choice: { op: "choose", data: "b" } };

  it("is told and shown at once, and the server's word stands", () => {
    const [asked] = apply(apply(begin(), { type: "connected" })[0], welcome([message(1, { from: "machine", asks })]));
    const [next, wishes] = apply(asked, chose);
    expect(wishes).toEqual([{ op: "choose", data: "b" }]);
    expect(next.messages[0]?.asks?.chosen).toBe("b");
    const [settled] = apply(next, heard(1, { from: "machine", asks: { ...asks, chosen: "a" } }));
    expect(settled.messages[0]?.asks?.chosen).toBe("a");
  });

  it("waits for a connection", () => {
    const [asked] = apply(apply(begin(), { type: "connected" })[0], welcome([message(1, { asks })]));
    const [lost] = apply(asked, { type: "lost" });
    expect(apply(lost, chose)).toEqual([lost, []]);
  });
});
