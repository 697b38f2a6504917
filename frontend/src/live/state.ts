// What the screens know, normalised. Plain values: only `apply` makes a new state out of an old one.
import type { TicketQuery } from "@/api";
import type { CaseOut, ClockOut, Cursor, EventOut, Here, MessageOut, PersonOut, ThreadOut, TicketDetail, TicketRow } from "@/api";

export interface Detail {
  person: PersonOut;
  threads: ThreadOut[];
  messages: MessageOut[];
  events: EventOut[];
  clocks: ClockOut[];
  policy: TicketDetail["policy"];
  case: CaseOut;
  more_before: boolean;
}

export interface Queue {
  query: TicketQuery;
  me: number;
  numbers: number[];
  next: string | null;
  /** All rows of the list are here: a new one may be put at any place. */
  complete: boolean;
}

export interface State {
  cursor: Cursor | null;
  /** Counts live frames. What a request brought is older than a row that came live after it was asked. */
  tick: number;
  rowTick: ReadonlyMap<number, number>;
  messageTick: ReadonlyMap<number, number>;
  tickets: ReadonlyMap<number, TicketRow>;
  details: ReadonlyMap<number, Detail>;
  queue: Queue | null;
  /** Of agents who became something else since the desk was loaded. */
  presence: ReadonlyMap<number, Here>;
  viewers: ReadonlyMap<number, { id: number; typing: boolean }[]>;
  /** Ticket → when a visitor was last seen typing (ms). */
  typing: ReadonlyMap<number, number>;
  /** Goes up when the gap was too large: whoever shows something loads it again. */
  resets: number;
}

export const empty = (): State => ({
  cursor: null,
  tick: 0,
  rowTick: new Map(),
  messageTick: new Map(),
  tickets: new Map(),
  details: new Map(),
  queue: null,
  presence: new Map(),
  viewers: new Map(),
  typing: new Map(),
  resets: 0,
});
