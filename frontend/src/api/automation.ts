// Rules, macros and webhooks: what crosses the wire, and the calls. Conditions and actions are trees of plain JSON.
import { ask } from "@/api/http";
import type { MessageOut, Page, TicketRow } from "@/api/types";

export interface Leaf {
  field: string;
  op: string;
  value?: unknown;
  calendar_id?: number | null;
}
export type Group = { all: Node[] } | { any: Node[] };
export type Node = Leaf | Group;
export type Trigger = { on: string[] } | { time: true };
export interface Deed {
  do: string;
  [field: string]: unknown;
}

export interface Rule {
  id: number;
  name: string;
  position: number;
  active: boolean;
  version: number;
  stop: boolean;
  trigger: Trigger;
  conditions: Group;
  actions: Deed[];
  since: string | null;
  runs: number;
  ran_at: string | null;
}
export type RuleIn = Pick<Rule, "name" | "trigger" | "conditions" | "actions" | "stop" | "active">;
export interface Did {
  do: string;
  ok: boolean;
  why: string;
}
export interface Run {
  id: number;
  automation_id: number;
  version: number;
  ticket: number | null;
  subject: string;
  outcome: "done" | "stopped" | "failed";
  did: Did[];
  depth: number;
  at: string;
}
export interface Rehearsal {
  since: string;
  looked_at: number;
  matched: number;
  later: number;
  capped: boolean;
  items: { ticket: number; subject: string; at: string; kind: string }[];
}
export interface FieldWords {
  name: string;
  type: "choice" | "ref" | "refs" | "choices" | "text" | "flag" | "number" | "until" | "since" | "open";
  of: string;
  words: string[];
  operators: string[];
}
export interface Named {
  id: number;
  name: string;
}
export interface Vocabulary {
  triggers: string[];
  fields: FieldWords[];
  actions: string[];
  macro_actions: string[];
  variables: string[];
  webhooks: Named[];
}
export interface Macro {
  id: number;
  name: string;
  text: string;
  actions: Deed[];
  agent_id: number | null;
  uses: number;
  used_at: string | null;
}
export interface Webhook {
  id: number;
  name: string;
  url: string;
  kinds: string[];
  active: boolean;
  waiting: number;
  alarm: string;
  alarm_at: string | null;
  key: string | null;
}
export interface Delivery {
  id: number;
  event_id: string;
  kind: string;
  ticket: number | null;
  state: "queued" | "sending" | "delivered" | "failed";
  attempts: number;
  next_at: string;
  code: number | null;
  duration_ms: number | null;
  failure: string;
  created_at: string;
}
export interface MacroUse {
  text?: string;
  attachments: string[];
  client_id: string;
  thread_id?: number | null;
  then?: string;
}

export const rules = {
  words: () => ask<Vocabulary>("GET", "/automations/words"),
  list: () => ask<Rule[]>("GET", "/automations"),
  add: (body: RuleIn) => ask<Rule>("POST", "/automations", { body }),
  change: (id: number, body: Partial<RuleIn> & { version?: number }) => ask<Rule>("PATCH", `/automations/${id}`, { body }),
  remove: (id: number) => ask<null>("DELETE", `/automations/${id}`),
  order: (rule_ids: number[]) => ask<Rule[]>("PUT", "/automations/order", { body: { rule_ids } }),
  rehearse: (body: Pick<RuleIn, "trigger" | "conditions" | "actions">) => ask<Rehearsal>("POST", "/automations/dry-run", { body }),
  runs: (rule: number | null, before: string | null) => ask<Page<Run>>("GET", "/automations/runs", { query: { rule, before } }),
};

export const macros = {
  list: () => ask<Macro[]>("GET", "/macros"),
  add: (body: { name: string; text: string; actions: Deed[]; shared: boolean }) => ask<Macro>("POST", "/macros", { body }),
  change: (id: number, body: { name?: string; text?: string; actions?: Deed[] }) => ask<Macro>("PATCH", `/macros/${id}`, { body }),
  remove: (id: number) => ask<null>("DELETE", `/macros/${id}`),
  words: (ticket: number, id: number) => ask<{ text: string }>("GET", `/tickets/${ticket}/macros/${id}`),
  use: (ticket: number, id: number, body: MacroUse) =>
    ask<{ ticket: TicketRow; message: MessageOut | null; did: Did[] }>("POST", `/tickets/${ticket}/macros/${id}`, { body }),
};

export const webhooks = {
  kinds: () => ask<string[]>("GET", "/webhooks/kinds"),
  list: () => ask<Webhook[]>("GET", "/webhooks"),
  add: (body: Pick<Webhook, "name" | "url" | "kinds">) => ask<Webhook>("POST", "/webhooks", { body }),
  change: (id: number, body: Partial<Pick<Webhook, "name" | "url" | "kinds" | "active">> & { clear_alarm?: boolean }) =>
    ask<Webhook>("PATCH", `/webhooks/${id}`, { body }),
  remove: (id: number) => ask<null>("DELETE", `/webhooks/${id}`),
  renewKey: (id: number) => ask<Webhook>("POST", `/webhooks/${id}/key`),
  ping: (id: number) => ask<null>("POST", `/webhooks/${id}/ping`),
  deliveries: (id: number, before: string | null) => ask<Page<Delivery>>("GET", `/webhooks/${id}/deliveries`, { query: { before } }),
  replay: (id: number, delivery: number) => ask<null>("POST", `/webhooks/${id}/deliveries/${delivery}/replay`),
};
