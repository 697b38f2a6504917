// Every call that the screens make, on one page.
import { ask, upload } from "@/api/http";
import type * as T from "@/api/types";

export interface TicketQuery {
  view: string;
  team?: number;
  channel?: string;
  person?: number;
  status?: string;
  priority?: string;
  assignee?: number;
  tag?: number;
  q?: string;
  sort?: "due" | "updated";
}

export interface ReplyIn {
  text: string;
  thread_id?: number | null;
  attachments: string[];
  client_id: string;
  then?: "open" | "pending" | "resolved";
  override?: boolean;
}

export interface TicketPatch {
  subject?: string;
  status?: T.Status;
  snoozed_until?: string;
  priority?: T.Priority;
  team_id?: number | null;
  tag_ids?: number[];
}

const list = <I>(path: string, query = {}) => ask<T.Page<I>>("GET", path, { query });
/** A short list that comes whole. */
const all = async <I>(path: string, query = {}): Promise<I[]> => {
  const answer = await ask<T.Page<I> | I[]>("GET", path, { query });
  return Array.isArray(answer) ? answer : answer.items;
};

export const session = {
  read: () => ask<T.Me>("GET", "/session"),
  open: (email: string, password: string) => ask<T.Me>("POST", "/session", { body: { email, password } }),
  change: (body: Partial<Pick<T.Me, "language" | "alias" | "phone" | "warn_mail">>) => ask<T.Me>("PATCH", "/session", { body }),
  close: () => ask<null>("DELETE", "/session"),
  changePassword: (body: { present: string; new: string }) => ask<null>("PUT", "/me/password", { body }),
  tokens: () => all<T.TokenOut>("/me/tokens"),
  addToken: (name: string) => ask<T.TokenOut>("POST", "/me/tokens", { body: { name } }),
  dropToken: (id: number) => ask<null>("DELETE", `/me/tokens/${id}`),
};

export const presence = {
  be: (body: { presence?: T.Presence; channels_off?: string[] }) => ask<T.Here & { presence_before: T.Presence | "" }>("PUT", "/me/presence", { body }),
  set: (agent: number, state: T.Presence) => ask<T.Here>("PUT", `/agents/${agent}/presence`, { body: { presence: state } }),
};

export const routing = {
  offers: () => ask<T.Offer[]>("GET", "/offers"),
  accept: (id: number) => ask<T.TicketRow>("POST", `/offers/${id}/accept`),
  decline: (id: number) => ask<null>("POST", `/offers/${id}/decline`),
  next: () => ask<{ ticket: T.TicketRow | null }>("POST", "/queue/next"),
  standing: (number: number) => ask<T.Standing>("GET", `/tickets/${number}/routing`),
  settings: () => ask<T.RoutingSettings>("GET", "/routing"),
  setSetup: (body: T.RoutingSetup) => ask<T.RoutingSetup>("PUT", "/routing", { body }),
  setPlan: ({ team_id, ...body }: T.Plan) => ask<T.Plan>("PUT", `/teams/${team_id}/routing`, { body }),
  skills: () => all<T.Skill>("/skills"),
  addSkill: (body: Omit<T.Skill, "id">) => ask<T.Skill>("POST", "/skills", { body }),
  setSkill: ({ id, ...body }: T.Skill) => ask<T.Skill>("PUT", `/skills/${id}`, { body }),
  dropSkill: (id: number) => ask<null>("DELETE", `/skills/${id}`),
};

export const desk = () => ask<T.Desk>("GET", "/desk");

export const tickets = {
  list: (query: TicketQuery, cursor: string | null, signal?: AbortSignal) =>
    ask<T.Page<T.TicketRow>>("GET", "/tickets", { query: { ...query, cursor, limit: 50 }, signal }),
  counts: () => ask<{ views: Record<string, number>; least: string[] }>("GET", "/tickets/counts"),
  forcePolicy: (number: number, policy_id: number | null) => ask<T.TicketDetail["policy"]>("PUT", `/tickets/${number}/policy`, { body: { policy_id } }),
  why: (number: number, metric: string) => ask<T.Why>("GET", `/tickets/${number}/clocks/${metric}/why`),
  read: (number: number, signal?: AbortSignal) => ask<T.TicketDetail>("GET", `/tickets/${number}`, { signal }),
  write: (body: { inbox_id: number; to: string; subject: string; text: string; attachments: string[]; client_id: string }) =>
    ask<{ number: number }>("POST", "/tickets", { body }),
  before: (number: number, before: number) => list<T.MessageOut>(`/tickets/${number}/messages`, { before, limit: 100 }),
  candidates: (number: number, q: string) => ask<T.TicketRow[]>("GET", `/tickets/${number}/candidates`, { query: { q } }),
  mergePreview: (number: number, into: number) => ask<T.MergePreview>("GET", `/tickets/${number}/merge`, { query: { into } }),
  merge: (number: number, into: number, other_customer: boolean) =>
    ask<T.TicketRow>("POST", `/tickets/${number}/merge`, { body: { into, other_customer } }),
  previewChildren: (number: number, text: string) => ask<T.ChildPreview[]>("POST", `/tickets/${number}/children/preview`, { body: { text } }),
  answerChildren: (number: number, body: { text: string; client_id: string; resolve: boolean }) => ask<T.ChildAnswered[]>("POST", `/tickets/${number}/children/replies`, { body }),
  split: (number: number, body: { message_id: number; following: boolean; subject: string }) => ask<T.TicketRow>("POST", `/tickets/${number}/split`, { body }),
  link: (number: number, other: number, kind: T.LinkIn["kind"]) => ask<T.LinkOut[]>("POST", `/tickets/${number}/links`, { body: { other, kind } }),
  unlink: (number: number, link: number) => ask<T.LinkOut[]>("DELETE", `/tickets/${number}/links/${link}`),
  unmerge: (number: number) => ask<T.TicketRow>("DELETE", `/tickets/${number}/merge`),
  change: (number: number, body: TicketPatch) => ask<T.TicketRow>("PATCH", `/tickets/${number}`, { body }),
  claim: (number: number) => ask<T.TicketRow>("POST", `/tickets/${number}/claim`),
  release: (number: number) => ask<T.TicketRow>("POST", `/tickets/${number}/release`),
  assign: (number: number, agent_id: number | null) => ask<T.TicketRow>("POST", `/tickets/${number}/assign`, { body: { agent_id } }),
  reply: (number: number, body: ReplyIn, keepalive = false) => ask<T.MessageOut>("POST", `/tickets/${number}/replies`, { body, keepalive }),
  drafts: (number: number) => ask<{ own: T.KeptDraft | null; shared: T.KeptDraft[] }>("GET", `/tickets/${number}/drafts`),
  keepDraft: (number: number, body: { text: string; note: string; shared: boolean }) => ask<T.KeptDraft | null>("PUT", `/tickets/${number}/draft`, { body }),
  takeDraft: (number: number, owner: number) => ask<T.KeptDraft>("POST", `/tickets/${number}/drafts/${owner}/take`),
  note: (number: number, body: { text: string; attachments: string[]; client_id: string; audience?: "internal" | "success" }) =>
    ask<T.MessageOut>("POST", `/tickets/${number}/notes`, { body }),
};

export const messages = {
  retry: (id: number) => ask<T.MessageOut>("POST", `/messages/${id}/retry`),
  settle: (id: number, sent: boolean) => ask<T.MessageOut>("POST", `/messages/${id}/settle`, { body: { sent } }),
  discard: (id: number) => ask<T.MessageOut>("POST", `/messages/${id}/discard`),
  charsets: (id: number) => ask<string[]>("GET", `/messages/${id}/charsets`),
  readAnew: (id: number, charset: string) => ask<T.MessageOut>("POST", `/messages/${id}/charset`, { body: { charset } }),
  approve: (id: number) => ask<T.MessageOut>("POST", `/messages/${id}/approve`),
  refuse: (id: number) => ask<T.MessageOut>("POST", `/messages/${id}/refuse`),
  rawUrl: (id: number) => `/api/v1/messages/${id}/raw`,
};

export const files = {
  add: (file: File, progress: (share: number) => void, signal?: AbortSignal) => upload<T.FileOut>("/files", file, progress, signal),
};

export const persons = {
  read: (id: number) => ask<T.PersonOut>("GET", `/persons/${id}`),
  change: (id: number, body: { name?: string; kana?: string; language?: string; note?: string; account_id?: number | null }) =>
    ask<T.PersonOut>("PATCH", `/persons/${id}`, { body }),
  accounts: (q: string) => all<T.AccountBrief>("/accounts", { q }),
  addAccount: (name: string) => ask<T.AccountBrief>("POST", "/accounts", { body: { name } }),
};

export const calls = {
  answer: (id: number, via: "browser" | "phone") => ask<T.CallOut>("POST", `/calls/${id}/answer`, { body: { via } }),
  /** The agent's own telephone rings first, then the customer's. `confirmed`: also a number that costs more. */
  back: (number: number, body: { via: "browser" | "phone"; identity_id: number | null; confirmed: boolean }) =>
    ask<T.MessageOut>("POST", `/tickets/${number}/calls`, { body }),
  decline: (id: number) => ask<null>("POST", `/calls/${id}/decline`),
  hangup: (id: number) => ask<T.CallOut>("POST", `/calls/${id}/hangup`),
  token: (inbox: number) => ask<{ token: string; identity: string }>("GET", "/phone/token", { query: { inbox } }),
};

export interface InboxIn {
  kind?: string;
  name?: string;
  language?: string;
  team_id?: number | null;
  first_response_s?: number;
  enabled?: boolean;
  config?: Record<string, unknown>;
  clear_alarm?: boolean;
}

export interface AgentIn {
  needs_approval?: boolean;
  email?: string;
  name?: string;
  alias?: string;
  role?: T.Role;
  phone?: string;
  team_ids?: number[];
  active?: boolean;
  capacity?: number;
  calendar_id?: number | null;
  password?: string;
}

export const calendars = {
  list: () => all<T.Calendar>("/calendars"),
  add: (body: { name: string; spec: T.CalendarSpec }) => ask<T.Calendar>("POST", "/calendars", { body }),
  change: (id: number, body: { name?: string; spec?: T.CalendarSpec; version?: number; archived?: boolean }) =>
    ask<T.Calendar>("PATCH", `/calendars/${id}`, { body }),
  ahead: (spec: T.CalendarSpec, target_minutes: number, signal?: AbortSignal) =>
    ask<T.CalendarAhead>("POST", "/calendars/preview", { body: { spec, target_minutes }, signal }),
  countries: () => all<string>("/calendars/countries"),
  holidays: (country: string, year: number) => ask<T.Holidays>("GET", "/calendars/holidays", { query: { country, year } }),
  importHolidays: (file: File) => upload<{ days: number; years: number[]; calendars: number }>("/calendars/holidays", file, () => undefined),
};

export const policies = {
  list: () => all<T.Policy>("/policies"),
  add: (body: { name: string; spec: T.PolicySpec }) => ask<T.Policy>("POST", "/policies", { body }),
  change: (id: number, body: { name?: string; spec?: T.PolicySpec; version?: number; archived?: boolean }) =>
    ask<T.Policy>("PATCH", `/policies/${id}`, { body }),
  order: (policy_ids: number[]) => ask<T.Policy[]>("PUT", "/policies/order", { body: { policy_ids } }),
  match: (body: Partial<T.PolicyQuestion>) => ask<T.PolicyMatch>("POST", "/policies/preview", { body }),
  apply: () => ask<T.Recount>("POST", "/policies/apply"),
  applied: () => ask<T.Recount | null>("GET", "/policies/apply"),
};

export const notifications = {
  list: (cursor: string | null = null) => ask<T.Notifications>("GET", "/notifications", { query: { cursor } }),
  read: (ids?: number[]) => ask<null>("POST", "/notifications/read", { body: { ids: ids ?? null } }),
};

export const surveys = {
  setup: () => ask<T.SurveySetup>("GET", "/surveys/setup"),
  setSetup: (body: T.SurveySetup) => ask<T.SurveySetup>("PUT", "/surveys/setup", { body }),
};

export const settings = {
  kinds: () => all<T.Kind>("/kinds"),
  inboxes: () => all<T.InboxOut>("/inboxes"),
  inbox: (id: number) => ask<T.InboxOut>("GET", `/inboxes/${id}`),
  addInbox: (body: InboxIn) => ask<T.InboxOut>("POST", "/inboxes", { body }),
  changeInbox: (id: number, body: InboxIn) => ask<T.InboxOut>("PATCH", `/inboxes/${id}`, { body }),
  dropInbox: (id: number) => ask<null>("DELETE", `/inboxes/${id}`),
  checkInbox: (id: number) => ask<T.Finding[]>("POST", `/inboxes/${id}/check`),
  agents: () => all<T.AgentOut>("/agents"),
  addAgent: (body: AgentIn) => ask<T.AgentOut>("POST", "/agents", { body }),
  changeAgent: (id: number, body: AgentIn) => ask<T.AgentOut>("PATCH", `/agents/${id}`, { body }),
  teams: () => all<T.Team>("/teams"),
  addTeam: (body: { name: string; member_ids: number[]; calendar_id: number | null; needs_approval: boolean }) => ask<T.Team>("POST", "/teams", { body }),
  changeTeam: (id: number, body: { name?: string; member_ids?: number[]; calendar_id?: number | null; needs_approval?: boolean }) => ask<T.Team>("PATCH", `/teams/${id}`, { body }),
  tags: () => all<T.Tag>("/tags"),
  addTag: (body: { name: string; color: string }) => ask<T.Tag>("POST", "/tags", { body }),
  deadLetters: () => all<T.DeadLetter>("/dead-letters"),
  retryDeadLetter: (id: number) => ask<{ state: string; error: string }>("POST", `/dead-letters/${id}/retry`),
};

export * from "@/api/reports";
