// Puts socket, store and announcements together.
import { watch } from "vue";
import { api, type Frame } from "@/api";
import { readBell, ringBell } from "@/bell";
import { i18n } from "@/i18n";
import { connect } from "@/live/socket";
import { openTicket, typingIn } from "@/live/presence";
import { loadOffers } from "@/routing/offers";
import { dispatch, line, loadDesk, me, readTicket, refreshCounts, reloadQueue, retryAt, state } from "@/store";
import { announce, toast } from "@/ui/toasts";

let socket: ReturnType<typeof connect> | undefined;
let beat: ReturnType<typeof setInterval> | undefined;
let rereading: ReturnType<typeof setTimeout> | undefined;
let unwatch: (() => void) | undefined;

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

/** Clocks, reply windows and the customer are not part of the news: the open ticket is read again, gathered for a moment. */
function reread(number: number, delay = 350): void {
  clearTimeout(rereading);
  rereading = setTimeout(() => quietly(readTicket(number)), delay);
}

/** Routing gave me a ticket: said once, in words and to screen readers. */
function given(number: number | null): void {
  const row = number === null ? undefined : state.value.tickets.get(number);
  if (row) toast(i18n.global.t("routing.given", { number: row.number, name: row.person.name || i18n.global.t("common.nameless") }));
}

function heard(frame: Extract<Frame, { op: "news" }>): void {
  refreshCounts();
  const open = openTicket.value;
  if (open !== null && frame.events.some((event) => event.ticket === open)) reread(open);
  if (frame.events.some((event) => /^(inbox|team|tag)\.|^agent\.changed$/.test(event.kind))) quietly(loadDesk());
  const mine = frame.events.filter((event) => event.params.to === me.value?.id);
  if (mine.some((event) => event.kind.startsWith("offer."))) quietly(loadOffers());
  for (const event of mine) if (event.kind === "ticket.assigned" && event.params.reason === "routed") given(event.ticket);
  ringBell(frame.events);
  const fresh = frame.messages.filter((message) => message.direction === "in" && message.state === "received");
  const said = frame.events.some((event) => event.kind === "message.received") ? fresh.at(-1) : undefined;
  if (said) announce(i18n.global.t("live.announce", { name: said.author_name, number: said.ticket }), Date.now());
}

function took(frame: Frame): void {
  // Without a cursor the news begin now: what came between the first loading and this moment is read once more.
  const first = frame.op === "ready" && state.value.cursor === null;
  dispatch({ op: "frame", frame, now: Date.now() });
  if (frame.op === "news") heard(frame);
  if (frame.op === "reset" || first) {
    quietly(reloadQueue());
    quietly(readBell());
    quietly(loadDesk());
    quietly(loadOffers());
    refreshCounts(true);
    if (openTicket.value !== null) reread(openTicket.value, 0);
  }
}

function tellView(): void {
  socket?.send({ op: "view", ticket: openTicket.value, typing: typingIn.value !== null && typingIn.value === openTicket.value });
}

export function startLive(): void {
  stopLive();
  const url = new URL("/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = connect({
    url: url.href,
    cursor: () => state.value.cursor,
    frame: took,
    line: (now, retryIn) => {
      line.value = now;
      retryAt.value = Date.now() + retryIn;
      if (now === "open") tellView();
      if (now === "signed-out") quietly(api.session.read());
    },
  });
  beat = setInterval(tellView, 10_000);
  unwatch = watch([openTicket, typingIn], tellView);
}

export function stopLive(): void {
  socket?.close();
  socket = undefined;
  clearInterval(beat);
  unwatch?.();
}
