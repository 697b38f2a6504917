// From the composer to the server. The bubble is there at once; until the server has it, its words are kept in this browser.
import { api, Problem, type FileOut, type MessageOut } from "@/api";
import { approvals } from "@/api/approvals";
import { macros } from "@/api/automation";
import { readApprovals } from "@/approvals/approvals";
import { draftOf } from "@/composer/drafts";
import { keep, recall, undoSeconds } from "@/preferences";
import { i18n } from "@/i18n";
import { dispatch, me, putMessage, readTicket, refreshCounts, state } from "@/store";
import { toast, toastError } from "@/ui/toasts";

export interface Letter {
  ticket: number;
  client_id: string;
  kind: "reply" | "note";
  text: string;
  thread_id: number | null;
  inbox_id: number | null;
  files: FileOut[];
  then?: "open" | "pending" | "resolved";
  audience?: "internal" | "success";
  override?: boolean;
  /** A lead reads it first. */
  approval?: boolean;
  macro?: { id: number; name: string };
  /** A message of the same conversation that it quotes. */
  quotes?: MessageOut;
  /** The last message that was before the writer's eyes. */
  seen?: number;
  /** At night: wait for the customer's morning, or go without a sound. */
  when?: "wait" | "silent";
  at: string;
  /** Until then (ms since 1970) it can be called back, and has not left. */
  until?: number;
}

let local = 0;
const holding = new Map<string, ReturnType<typeof setTimeout>>();
const KEPT_ALIVE = 50_000; // characters of a request that a browser finishes after its page is closed

function waiting(): Letter[] {
  try {
    return JSON.parse(recall("outbox") ?? "[]") as Letter[];
  } catch {
    return [];
  }
}

function store(letters: Letter[]): void {
  keep("outbox", letters.length ? JSON.stringify(letters.slice(-50)) : null);
}

const quotedIn = ({ quotes }: Letter): MessageOut["quoted"] => (quotes ? { id: quotes.id, author: quotes.author, kind: quotes.kind, text: quotes.text } : null);
const quoteOf = ({ quotes }: Letter): { quotes?: number } => (quotes ? { quotes: quotes.id } : {});

/** The bubble of a letter that is on its way. Its id is below zero until the server gives one. */
function bubble(letter: Letter, stateNow: MessageOut["state"], failure = ""): MessageOut {
  const note = letter.kind === "note";
  return {
    id: --local, ticket: letter.ticket, thread_id: letter.thread_id, inbox_id: letter.inbox_id, seq: null, direction: "out",
    audience: note ? (letter.audience ?? "internal") : "public", author: "agent", agent_id: me.value?.id ?? null,
    author_name: me.value?.name ?? "", kind: "text", subject: "", text: letter.text, html: "", meta: {}, auto: false,
    sent_at: letter.at, created_at: letter.at, edited_at: null, original: "", unsent_at: null, state: stateNow, failure,
    failure_detail: "", attempts: 0, retry_at: letter.until ? new Date(letter.until).toISOString() : null, via: "", cost: 0, read_at: null, client_id: letter.client_id,
    attachments: letter.files, call: null, has_raw: false, quotable: false, quoted: quotedIn(letter),
  };
}

async function deliver(letter: Letter, keepalive = false): Promise<void> {
  const since = state.value.tick;
  holding.delete(letter.client_id);
  delete letter.until;
  dispatch({ op: "local", message: bubble(letter, "sending") });
  const { ticket, text, client_id } = letter;
  const attachments = letter.files.map((file) => file.id);
  try {
    if (letter.approval) return await askApproval(letter, attachments);
    const sent = letter.kind === "note"
      ? await api.tickets.note(ticket, { text, attachments, client_id, audience: letter.audience })
      : letter.macro
      ? await withMacro(letter, attachments)
      : await api.tickets.reply(ticket, { text, attachments, client_id, thread_id: letter.thread_id, ...(letter.then ? { then: letter.then } : {}), ...(letter.override ? { override: true } : {}), ...(letter.when ? { when: letter.when } : {}), ...quoteOf(letter), ...seenOf(letter) }, keepalive);
    store(waiting().filter((other) => other.client_id !== client_id));
    putMessage(sent, since);
    refreshCounts();
  } catch (error) {
    const code = error instanceof Problem ? error.code : "unknown";
    if (code === "news_since") look(letter, (error as Problem).params.messages);
    dispatch({ op: "local", message: bubble(letter, "failed", code) });
  }
}

/** It is no message yet: the ticket shows it as a card of its own. What a macro does beside the words is done by whoever sends. */
async function askApproval(letter: Letter, attachments: string[]): Promise<void> {
  const { ticket, text, client_id, thread_id } = letter;
  await approvals.ask(ticket, { text, attachments, client_id, thread_id, ...(letter.then ? { then: letter.then } : {}), ...(letter.override ? { override: true } : {}), ...(letter.when ? { when: letter.when } : {}), ...seenOf(letter) });
  store(waiting().filter((other) => other.client_id !== client_id));
  dispatch({ op: "forget", ticket, client_id });
  toast(i18n.global.t("approval.asked"));
  await readApprovals(ticket);
  refreshCounts();
}

const seenOf = (letter: Letter): { seen?: number } => (letter.seen === undefined ? {} : { seen: letter.seen });

/** What was added is shown above the held answer: sending it anyway is sending it with this in view. */
function look(letter: Letter, messages: unknown): void {
  letter.seen = Math.max(letter.seen ?? 0, ...(Array.isArray(messages) ? messages.map(Number) : []));
  store(waiting().map((one) => (one.client_id === letter.client_id ? letter : one)));
  readTicket(letter.ticket).catch(toastError);
}

/** The answer and what the macro does, in one stroke on the server. */
async function withMacro(letter: Letter, attachments: string[]): Promise<MessageOut> {
  const { ticket, text, client_id, thread_id, then, macro } = letter;
  const used = await macros.use(ticket, macro!.id, { text, attachments, client_id, thread_id, ...(then ? { then } : {}), ...quoteOf(letter), ...seenOf(letter) });
  if (used.did.some((one) => !one.ok)) toast(i18n.global.t("macros.partly", { name: macro!.name }), "late");
  return used.message!;
}

/** `recallable`: it waits as long as its writer wants to be able to call it back. */
export function send(letter: Omit<Letter, "client_id" | "at">, recallable = false): void {
  const last = state.value.details.get(letter.ticket)?.messages.at(-1);
  // A clock that is behind must not put our answer above the question.
  const at = new Date(Math.max(Date.now(), last ? Date.parse(last.sent_at) + 1 : 0)).toISOString();
  const held = recallable ? undoSeconds.value * 1000 : 0;
  const whole: Letter = { ...letter, client_id: crypto.randomUUID(), at, ...(held ? { until: Date.now() + held } : {}) };
  store([...waiting(), whole]);
  if (!held) return void deliver(whole);
  dispatch({ op: "local", message: bubble(whole, "sending") });
  holding.set(whole.client_id, setTimeout(() => void deliver(whole), held));
}

/** Whoever closes the page has not called anything back. */
export function leave(): void {
  for (const letter of waiting().filter((one) => holding.has(one.client_id))) {
    clearTimeout(holding.get(letter.client_id));
    void deliver(letter, JSON.stringify(letter).length < KEPT_ALIVE);
  }
}

window.addEventListener("pagehide", leave);

/** Again, under the same client_id: had the first one arrived after all, the server answers with it. */
export function resend(message: MessageOut): void {
  const letter = waiting().find((one) => one.client_id === message.client_id);
  if (letter) void deliver(letter);
}

/** Taken back before it ever left: its words and files return to the composer, before what stands there. */
export function takeBack(message: MessageOut): void {
  const letter = waiting().find((one) => one.client_id === message.client_id);
  forget(message);
  if (!letter) return;
  const draft = draftOf(message.ticket);
  const place = letter.kind === "note" ? "note" : "text";
  draft[place] = [letter.text, draft[place]].filter(Boolean).join("\n\n");
  draft.mode = letter.kind;
  draft.quotes = letter.quotes?.id ?? null;
  draft.files = [...draft.files, ...letter.files];
}

/** Given up for good. */
export function forget(message: MessageOut): void {
  clearTimeout(holding.get(message.client_id ?? ""));
  holding.delete(message.client_id ?? "");
  store(waiting().filter((one) => one.client_id !== message.client_id));
  dispatch({ op: "forget", ticket: message.ticket, client_id: message.client_id ?? "" });
}

/** After a reload: what had not arrived is shown again as failed, with its button. */
export function restore(ticket: number): void {
  const messages = state.value.details.get(ticket)?.messages ?? [];
  for (const letter of waiting().filter((one) => one.ticket === ticket)) {
    const known = messages.find((message) => message.client_id === letter.client_id);
    if (holding.has(letter.client_id)) continue;
    if (known && known.id > 0) store(waiting().filter((one) => one.client_id !== letter.client_id));
    else if (!known) dispatch({ op: "local", message: bubble(letter, "failed", "interrupted") });
  }
}
