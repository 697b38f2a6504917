// Rows for the tests, with only what a test cares about named.
import type { EventOut, MessageOut, TicketDetail, TicketRow } from "@/api";

const at = "2026-03-02T01:00:00Z";

export const row = (number: number, change: Partial<TicketRow> = {}): TicketRow => ({
  number, subject: `Ticket ${number}`, status: "open", priority: "normal", origin: "inbound", channel: "line", inbox_id: 1, team_id: null,
  assignee_id: null, person: { id: number, name: "佐藤" }, account: null, preview: "", preview_kind: "text", preview_from: "customer",
  created_at: at, updated_at: at, needs_reply_since: null, due_at: null, snoozed_until: null, first_response_at: null,
  resolved_at: null, reopened: 0, merged_into: null, tags: [], call: null, approval_since: null, ...change,
});

export const message = (id: number, change: Partial<MessageOut> = {}): MessageOut => ({
  id, ticket: 1, thread_id: 1, inbox_id: 1, seq: null, direction: "in", audience: "public", author: "customer", agent_id: null,
  author_name: "佐藤", kind: "text", subject: "", text: `text ${id}`, html: "", meta: {}, auto: false,
  sent_at: new Date(Date.parse(at) + Math.abs(id) * 60_000).toISOString(), created_at: at, edited_at: null, original: "", unsent_at: null,
  state: "received", failure: "", failure_detail: "", attempts: 0, retry_at: null, via: "", cost: 0, read_at: null, client_id: null,
  has_raw: false, quotable: false, quoted: null, attachments: [], call: null, ...change,
});

export const event = (id: number, kind: string, change: Partial<EventOut> = {}): EventOut => ({
  id, at: new Date(Date.parse(at) + id * 60_000).toISOString(), kind, ticket: 1, message_id: null, agent_id: null, params: {}, ...change,
});

export const detail = (messages: MessageOut[], change: Partial<TicketDetail> = {}): TicketDetail => ({
  ticket: row(1), person: { id: 1, name: "佐藤", kana: "", language: "ja", note: "", identities: [], accounts: [], tickets: [] },
  threads: [], messages, more_before: false, events: [], clocks: [], policy: { id: null, name: "", forced: null }, case: { merged_into: null, merged: [], links: [] }, cursor: "10", ...change,
});
