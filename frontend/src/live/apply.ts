// apply(state, action): the one place where what the screens know changes. Pure: no clock, no request, no Vue.
import type { TicketQuery } from "@/api";
import type { Cursor, EventOut, Frame, Here, MessageOut, PersonOut, TicketDetail, TicketRow } from "@/api";
import { extend, settle } from "@/live/queue";
import type { Detail, State } from "@/live/state";

export type Action =
  | { op: "frame"; frame: Frame; now: number }
  | { op: "list"; query: TicketQuery; me: number }
  | { op: "page"; query: TicketQuery; rows: TicketRow[]; next: string | null; first: boolean; since: number }
  | { op: "detail"; detail: TicketDetail; since: number }
  | { op: "older"; ticket: number; messages: MessageOut[]; more: boolean }
  | { op: "row"; row: TicketRow; since: number }
  | { op: "message"; message: MessageOut; since: number }
  | { op: "local"; message: MessageOut }
  | { op: "forget"; ticket: number; client_id: string }
  | { op: "person"; person: PersonOut };

const KEPT_DETAILS = 20;
const moves = /^ticket\.(merged|unmerged|linked|unlinked|split)$/;

/** Cursors are "7" on SQLite and "81.7" (transaction, id) on PostgreSQL: compared part by part. */
export function later(a: Cursor, b: Cursor | null): boolean {
  if (b === null) return true;
  const [x, y] = [String(a).split(".").map(Number), String(b).split(".").map(Number)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

const inOrder = (a: MessageOut, b: MessageOut): number =>
  Date.parse(a.sent_at) - Date.parse(b.sent_at) || (a.id < 0 || b.id < 0 ? b.id - a.id : a.id - b.id);

/** New rows replace old ones by id; a bubble of our own gives way to the server's row with its client_id. */
function merge(old: MessageOut[], fresh: MessageOut[]): MessageOut[] {
  const ids = new Set(fresh.map((message) => message.id));
  const own = new Set(fresh.map((message) => message.client_id).filter(Boolean));
  const kept = old.filter((message) => !ids.has(message.id) && !(message.id < 0 && own.has(message.client_id)));
  return [...kept, ...fresh].sort(inOrder);
}

function mergeEvents(old: EventOut[], fresh: EventOut[]): EventOut[] {
  const known = new Set(old.map((event) => event.id));
  const added = fresh.filter((event) => !known.has(event.id));
  return added.length ? [...old, ...added].sort((a, b) => a.id - b.id) : old;
}

const put = <K, V>(map: ReadonlyMap<K, V>, entries: [K, V][]): ReadonlyMap<K, V> =>
  entries.length ? new Map([...map, ...entries]) : map;

function withRows(state: State, rows: TicketRow[]): State {
  if (!rows.length) return state;
  const tickets = put(state.tickets, rows.map((row) => [row.number, row]));
  return { ...state, tickets, queue: state.queue && settle(state.queue, rows, tickets) };
}

function changeDetail(state: State, ticket: number, change: (detail: Detail) => Detail): State {
  const detail = state.details.get(ticket);
  return detail ? { ...state, details: put(state.details, [[ticket, change(detail)]]) } : state;
}

const withMessages = (state: State, ticket: number, messages: MessageOut[]): State =>
  changeDetail(state, ticket, (detail) => ({ ...detail, messages: merge(detail.messages, messages) }));

function hereFrom({ params }: EventOut): [number, Here] {
  const here = { presence: params.presence, presence_at: params.since, channels_off: params.channels_off } as Here;
  return [Number(params.who), here];
}

function news(state: State, frame: Extract<Frame, { op: "news" }>): State {
  if (!later(frame.cursor, state.cursor)) return state;
  const tick = state.tick + 1;
  let next: State = {
    ...state,
    cursor: frame.cursor,
    tick,
    rowTick: put(state.rowTick, frame.tickets.map((row) => [row.number, tick])),
    messageTick: put(state.messageTick, frame.messages.map((message) => [message.id, tick])),
  };
  next = withRows(next, frame.tickets);
  for (const ticket of new Set(frame.messages.map((message) => message.ticket))) {
    next = withMessages(next, ticket, frame.messages.filter((message) => message.ticket === ticket));
  }
  next = { ...next, presence: put(next.presence, frame.events.filter((event) => event.kind === "agent.presence").map(hereFrom)) };
  for (const event of frame.events) {
    if (event.ticket === null) continue;
    // What was in it may be in another ticket now: what is written here stays, the rest is read again.
    if (moves.test(event.kind)) next = changeDetail(next, event.ticket, (detail) => ({ ...detail, messages: detail.messages.filter((message) => message.id < 0) }));
    next = changeDetail(next, event.ticket, (detail) => ({ ...detail, events: mergeEvents(detail.events, [event]) }));
  }
  return next;
}

function framed(state: State, frame: Frame, now: number): State {
  switch (frame.op) {
    case "ready":
      return state.cursor === null ? { ...state, cursor: frame.cursor } : state;
    case "news":
      return news(state, frame);
    case "reset":
      return { ...state, cursor: frame.cursor, tick: state.tick + 1, resets: state.resets + 1, presence: new Map() };
    case "viewers":
      return { ...state, viewers: put(state.viewers, [[frame.ticket, frame.agents]]) };
    case "typing":
      return { ...state, typing: put(state.typing, [[frame.ticket, now]]) };
    default:
      return state;
  }
}

const fresher = (state: State, row: TicketRow, since: number): TicketRow =>
  (state.rowTick.get(row.number) ?? 0) > since ? (state.tickets.get(row.number) ?? row) : row;

const fresherMessage = (state: State, message: MessageOut, since: number): boolean =>
  (state.messageTick.get(message.id) ?? 0) <= since;

function detailed(state: State, detail: TicketDetail, since: number): State {
  const old = state.details.get(detail.ticket.number);
  const asked = detail.messages.filter((message) => fresherMessage(state, message, since) || !old);
  const oldest = detail.messages[0];
  // Without a common message there is a hole between what we had and what came: begin anew, but for our own bubbles.
  const joined = !detail.more_before || (old?.messages.some((message) => message.id === oldest?.id) ?? false);
  const before = old ? (joined ? old.messages : old.messages.filter((message) => message.id < 0)) : [];
  const { ticket, person, threads, events, clocks, policy, case: company } = detail;
  const more_before = joined && old && old.messages.length > detail.messages.length ? old.more_before : detail.more_before;
  const next: Detail = { person, threads, clocks, policy, case: company, more_before, messages: merge(before, asked), events: mergeEvents(old?.events ?? [], events) };
  const details = new Map(state.details);
  details.delete(ticket.number);
  details.set(ticket.number, next);
  for (const number of [...details.keys()].slice(0, Math.max(0, details.size - KEPT_DETAILS))) details.delete(number);
  const seen = state.cursor === null ? { ...state, cursor: detail.cursor, details } : { ...state, details };
  return withRows(seen, [fresher(state, ticket, since)]);
}

const sameQuery = (a: TicketQuery, b: TicketQuery): boolean => JSON.stringify(a) === JSON.stringify(b);

function paged(state: State, action: Extract<Action, { op: "page" }>): State {
  if (!state.queue || !sameQuery(state.queue.query, action.query)) return state;
  const rows = action.rows.map((row) => fresher(state, row, action.since));
  const tickets = put(state.tickets, rows.map((row) => [row.number, row]));
  const start = action.first ? { ...state.queue, numbers: [] } : state.queue;
  const queue = extend(start, rows, action.next);
  // Rows that came live while the page was on its way are settled again, so that none is lost nor misplaced.
  const moved = [...state.rowTick].filter(([, tick]) => tick > action.since).map(([number]) => tickets.get(number));
  return { ...state, tickets, queue: settle(queue, moved.filter((row) => row !== undefined), tickets) };
}

export function apply(state: State, action: Action): State {
  switch (action.op) {
    case "frame":
      return framed(state, action.frame, action.now);
    case "list":
      return { ...state, queue: { query: action.query, me: action.me, numbers: [], next: null, complete: false } };
    case "page":
      return paged(state, action);
    case "detail":
      return detailed(state, action.detail, action.since);
    case "older":
      return changeDetail(state, action.ticket, (detail) => ({
        ...detail,
        messages: merge(action.messages, detail.messages),
        more_before: action.more,
      }));
    case "row":
      return withRows(state, [fresher(state, action.row, action.since)]);
    case "message": {
      const known = fresherMessage(state, action.message, action.since) ? [action.message] : [];
      const forgotten = apply(state, { op: "forget", ticket: action.message.ticket, client_id: action.message.client_id ?? "" });
      return withMessages(forgotten, action.message.ticket, known);
    }
    case "local":
      return withMessages(state, action.message.ticket, [action.message]);
    case "forget":
      return changeDetail(state, action.ticket, (detail) => ({
        ...detail,
        messages: detail.messages.filter((message) => !(message.id < 0 && message.client_id === action.client_id)),
      }));
    case "person":
      return {
        ...state,
        details: new Map([...state.details].map(([number, detail]) =>
          [number, detail.person.id === action.person.id ? { ...detail, person: { ...action.person, tickets: action.person.tickets ?? detail.person.tickets } } : detail])),
      };
  }
}
