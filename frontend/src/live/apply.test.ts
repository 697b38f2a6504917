import { describe, expect, it } from "vitest";
import type { Frame, TicketQuery } from "@/api";
import { apply, later, type Action } from "@/live/apply";
import { detail, event, message, row } from "@/live/samples";
import { empty, type State } from "@/live/state";

const run = (actions: Action[], from: State = empty()): State => actions.reduce(apply, from);
const news = (cursor: string, part: Partial<Extract<Frame, { op: "news" }>> = {}): Action => ({
  op: "frame", now: 0, frame: { op: "news", cursor, events: [], tickets: [], messages: [], ...part },
});
const open: TicketQuery = { view: "open", sort: "due" };
const listed = (rows: ReturnType<typeof row>[], next: string | null = null, query = open): Action[] => [
  { op: "list", query, me: 7 },
  { op: "page", query, rows, next, first: true, since: 0 },
];
const texts = (state: State): string[] => state.details.get(1)!.messages.map((one) => one.text);
const due = (minute: number): string => `2026-03-02T02:${String(minute).padStart(2, "0")}:00Z`;

describe("cursors", () => {
  it("are compared by number and part by part", () => {
    expect(later("10", "9")).toBe(true);
    expect(later("9", "10")).toBe(false);
    expect(later("81.7", "81.6")).toBe(true);
    expect(later("81.7", "81.7")).toBe(false);
    expect(later("82.0", "81.900")).toBe(true);
    expect(later("1", null)).toBe(true);
  });
});

describe("news", () => {
  it("brings rows and messages to an open ticket", () => {
    const state = run([{ op: "detail", detail: detail([message(1)]), since: 0 }, news("11", { tickets: [row(1, { subject: "new" })], messages: [message(2)], events: [event(5, "message.received")] })]);
    expect(texts(state)).toEqual(["text 1", "text 2"]);
    expect(state.tickets.get(1)!.subject).toBe("new");
    expect(state.details.get(1)!.events.map((one) => one.id)).toEqual([5]);
    expect(state.cursor).toBe("11");
  });

  it("that comes twice changes nothing", () => {
    const frame = news("11", { tickets: [row(1)], messages: [message(2)], events: [event(5, "ticket.opened")] });
    const once = run([{ op: "detail", detail: detail([message(1)]), since: 0 }, frame]);
    expect(apply(once, frame)).toBe(once);
  });

  it("that overlaps with what is known doubles nothing", () => {
    const state = run([{ op: "detail", detail: detail([message(1)], { events: [event(5, "ticket.opened")] }), since: 0 }, news("11", { messages: [message(1, { text: "edited" })], events: [event(5, "ticket.opened")] })]);
    expect(texts(state)).toEqual(["edited"]);
    expect(state.details.get(1)!.events).toHaveLength(1);
  });

  it("older than the cursor is dropped, so that an old row never replaces a new one", () => {
    const state = run([news("12", { tickets: [row(1, { subject: "new" })] }), news("11", { tickets: [row(1, { subject: "old" })] })]);
    expect(state.tickets.get(1)!.subject).toBe("new");
  });

  it("puts a late message at the place of its time, not at the end", () => {
    const state = run([{ op: "detail", detail: detail([message(1), message(3)]), since: 0 }, news("11", { messages: [message(9, { sent_at: message(2).sent_at, text: "late" })] })]);
    expect(texts(state)).toEqual(["text 1", "late", "text 3"]);
  });

  it("of another ticket does not open it", () => {
    expect(run([news("11", { messages: [message(2)], events: [event(1, "ticket.opened")] })]).details.size).toBe(0);
  });
});

describe("presence", () => {
  it("of a colleague changes with the news, and is forgotten when everything is loaded anew", () => {
    const told = event(6, "agent.presence", { ticket: null, params: { who: 3, presence: "break", since: "2026-03-02T02:00:00Z", channels_off: ["phone"] } });
    const state = run([news("11", { events: [told] })]);
    expect(state.presence.get(3)).toEqual({ presence: "break", presence_at: "2026-03-02T02:00:00Z", channels_off: ["phone"] });
    expect(apply(state, { op: "frame", now: 0, frame: { op: "reset", cursor: "5000" } }).presence.size).toBe(0);
  });
});

describe("a line that breaks", () => {
  it("keeps its cursor at a new hello", () => {
    const state = run([news("11"), { op: "frame", now: 0, frame: { op: "ready", cursor: "11" } }]);
    expect(state.cursor).toBe("11");
  });

  it("with too large a gap asks to load anew and goes on from the new cursor", () => {
    const state = run([news("11"), { op: "frame", now: 0, frame: { op: "reset", cursor: "5000" } }]);
    expect([state.cursor, state.resets]).toEqual(["5000", 1]);
  });

  it("does not lose live rows to an answer that was asked for earlier", () => {
    const asked = run([news("11")]);
    const state = run([news("12", { tickets: [row(1, { status: "resolved" })] }), { op: "row", row: row(1, { status: "open" }), since: asked.tick }], asked);
    expect(state.tickets.get(1)!.status).toBe("resolved");
  });

  it("reads a ticket again without losing older pages, and begins anew where there is a hole", () => {
    const whole = run([{ op: "detail", detail: detail([message(3), message(4)], { more_before: true }), since: 0 }, { op: "older", ticket: 1, messages: [message(1), message(2)], more: false }]);
    const again = apply(whole, { op: "detail", detail: detail([message(3), message(4), message(5)], { more_before: true }), since: 0 });
    expect(texts(again)).toEqual(["text 1", "text 2", "text 3", "text 4", "text 5"]);
    expect(again.details.get(1)!.more_before).toBe(false);
    const hole = apply(whole, { op: "detail", detail: detail([message(8), message(9)], { more_before: true }), since: 0 });
    expect(texts(hole)).toEqual(["text 8", "text 9"]);
    expect(hole.details.get(1)!.more_before).toBe(true);
  });
});

describe("a bubble of our own", () => {
  const own = message(-1, { client_id: "c1", text: "ours", state: "sending", direction: "out", author: "agent", sent_at: due(0) });
  const sent = message(4, { ...own, id: 4, state: "queued" });
  const begun = run([{ op: "detail", detail: detail([message(1)]), since: 0 }, { op: "local", message: own }]);

  it("gives way to the answer", () => {
    expect(run([{ op: "message", message: sent, since: 0 }], begun).details.get(1)!.messages.map((one) => one.id)).toEqual([1, 4]);
  });

  it("gives way to the news, whichever comes first, and never stands twice", () => {
    const state = run([news("11", { messages: [{ ...sent, state: "sent" }] }), { op: "message", message: sent, since: 0 }], begun);
    expect(state.details.get(1)!.messages.map((one) => [one.id, one.state])).toEqual([[1, "received"], [4, "sent"]]);
  });

  it("stays through a fresh reading of the ticket, and goes when taken back", () => {
    const again = apply(begun, { op: "detail", detail: detail([message(1)]), since: 0 });
    expect(texts(again)).toEqual(["text 1", "ours"]);
    expect(texts(apply(again, { op: "forget", ticket: 1, client_id: "c1" }))).toEqual(["text 1"]);
  });
});

describe("the list", () => {
  it("takes what comes live to its place and lets go of what no longer belongs", () => {
    const state = run([...listed([row(1, { due_at: due(1) }), row(2, { due_at: due(5) }), row(3)]), news("11", { tickets: [row(4, { due_at: due(3) }), row(1, { status: "resolved" })] })]);
    expect(state.queue!.numbers).toEqual([4, 2, 3]);
  });

  it("leaves what lies behind the last loaded row to its page", () => {
    const state = run([...listed([row(1, { due_at: due(1) })], "next"), news("11", { tickets: [row(4, { due_at: due(3) })] })]);
    expect(state.queue!.numbers).toEqual([1]);
  });

  it("does not double a row that came live before its page", () => {
    const loaded = run([...listed([row(1, { due_at: due(1) }), row(2, { due_at: due(4) })], "next"), news("11", { tickets: [row(3, { due_at: due(2) })] })]);
    const state = apply(loaded, { op: "page", query: open, rows: [row(3, { due_at: due(2) }), row(5)], next: null, first: false, since: 0 });
    expect(state.queue!.numbers).toEqual([1, 3, 2, 5]);
    expect(state.queue!.complete).toBe(true);
  });

  it("keeps what came live while its first page was on the way", () => {
    const state = run([{ op: "list", query: open, me: 7 }, news("11", { tickets: [row(9, { due_at: due(2) })] }), { op: "page", query: open, rows: [row(1, { due_at: due(3) })], next: null, first: true, since: 0 }]);
    expect(state.queue!.numbers).toEqual([9, 1]);
  });

  it("ignores a page of a list that is no longer shown", () => {
    const state = run([...listed([row(1)]), { op: "page", query: { view: "mine" }, rows: [row(2)], next: null, first: true, since: 0 }]);
    expect(state.queue!.numbers).toEqual([1]);
  });

  it("of mine holds only mine, of a search only what fits", () => {
    const mine = run([...listed([], null, { view: "mine", sort: "due" }), news("11", { tickets: [row(1, { assignee_id: 7 }), row(2, { assignee_id: 8 })] })]);
    expect(mine.queue!.numbers).toEqual([1]);
    const search = run([...listed([], null, { view: "all", q: "醤油" }), news("11", { tickets: [row(1, { subject: "お醤油の件" }), row(2)] })]);
    expect(search.queue!.numbers).toEqual([1]);
  });
});
