// The one store: what the socket and the requests bring goes through `apply`; the screens read refs.
import { computed, ref, shallowRef } from "vue";
import { api, type Desk, type Here, type MessageOut, type Me, type Presence, type TicketQuery, type TicketRow } from "@/api";
import { apply, type Action } from "@/live/apply";
import type { Line } from "@/live/socket";
import { empty, type State } from "@/live/state";

export const me = shallowRef<Me | null>(null);
export const desk = shallowRef<Desk | null>(null);
export const state = shallowRef<State>(empty());
export const counts = shallowRef<Record<string, number>>({});
/** Badges that say "at least so many". */
export const atLeast = shallowRef<ReadonlySet<string>>(new Set());
export const line = ref<Line>("connecting");
export const retryAt = ref(0);
export const queueError = ref("");
export const queueLoading = ref(false);

export function dispatch(action: Action): void {
  state.value = apply(state.value, action);
}

export const may = (permission: string): boolean => me.value?.permissions.includes(permission) ?? false;
export const agentById = (id: number | null | undefined) => desk.value?.agents.find((agent) => agent.id === id);
export const teamById = (id: number | null | undefined) => desk.value?.teams.find((team) => team.id === id);
export const inboxById = (id: number | null | undefined) => desk.value?.inboxes.find((inbox) => inbox.id === id);
export const tagById = (id: number) => desk.value?.tags.find((tag) => tag.id === id);
export const hereOf = (id: number): Here | undefined => state.value.presence.get(id) ?? agentById(id);
export const presenceOf = (id: number): Presence => hereOf(id)?.presence ?? "offline";

export const queueRows = computed<TicketRow[]>(() => {
  const { queue, tickets } = state.value;
  return (queue?.numbers ?? []).map((number) => tickets.get(number)).filter((row) => row !== undefined);
});

/** Calls that wait now, in any list. */
export const waitingCalls = computed<TicketRow[]>(() =>
  [...state.value.tickets.values()].filter((row) => row.call?.state === "waiting" && row.call.direction !== "out"),
);

export async function loadDesk(): Promise<void> {
  desk.value = await api.desk();
}

let countsTimer: ReturnType<typeof setTimeout> | undefined;

/** At most once in two seconds, however much news there is. */
export function refreshCounts(soon = false): void {
  if (countsTimer && !soon) return;
  clearTimeout(countsTimer);
  countsTimer = setTimeout(async () => {
    countsTimer = undefined;
    try {
      const { views, least } = await api.tickets.counts();
      counts.value = views;
      atLeast.value = new Set(least);
    } catch {
      // The banner tells of a lost connection; old figures stay until the next answer.
    }
  }, soon ? 0 : 1500);
}

let asked: AbortController | undefined;

async function page(query: TicketQuery, cursor: string | null): Promise<void> {
  asked?.abort();
  const mine = (asked = new AbortController());
  const since = state.value.tick;
  queueLoading.value = true;
  queueError.value = "";
  try {
    const { items, next_cursor } = await api.tickets.list(query, cursor, mine.signal);
    dispatch({ op: "page", query, rows: items, next: next_cursor, first: cursor === null, since });
  } catch (error) {
    if (mine === asked) queueError.value = error instanceof Error ? error.message : "offline";
  } finally {
    if (mine === asked) queueLoading.value = false;
  }
}

export async function showQueue(query: TicketQuery): Promise<void> {
  dispatch({ op: "list", query, me: me.value?.id ?? 0 });
  await page(query, null);
}

export async function moreOfQueue(): Promise<void> {
  const queue = state.value.queue;
  if (queue?.next && !queueLoading.value) await page(queue.query, queue.next);
}

/** The same list again from its start, without emptying what is shown. */
export async function reloadQueue(): Promise<void> {
  if (state.value.queue) await page(state.value.queue.query, null);
}

const reading = new Map<number, AbortController>();

export async function readTicket(number: number): Promise<void> {
  reading.get(number)?.abort();
  const control = new AbortController();
  reading.set(number, control);
  const since = state.value.tick;
  try {
    dispatch({ op: "detail", detail: await api.tickets.read(number, control.signal), since });
  } finally {
    if (reading.get(number) === control) reading.delete(number);
  }
}

/** A change of a ticket: shown at once, taken back when the server refuses. */
export async function changeRow(row: TicketRow, guess: Partial<TicketRow>, call: () => Promise<TicketRow>): Promise<void> {
  const since = state.value.tick;
  dispatch({ op: "row", row: { ...row, ...guess }, since });
  try {
    dispatch({ op: "row", row: await call(), since });
    refreshCounts();
  } catch (error) {
    dispatch({ op: "row", row, since });
    throw error;
  }
}

export function putMessage(message: MessageOut, since: number): void {
  dispatch({ op: "message", message, since });
}

export function forgetAll(): void {
  me.value = null;
  desk.value = null;
  counts.value = {};
  state.value = empty();
}
