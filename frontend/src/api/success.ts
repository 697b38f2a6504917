// Customer success: every call that its screens make.
import { ask, upload } from "@/api/http";
import type { Page } from "@/api/types";
import type * as G from "@/client/types.gen";

export type { AccountCard, AccountChange, AccountPage, AccountRow, ContractIn, ContractOut, HappenedOut as Happened, ImportOut, LadderIn, MemberOut, UnjoinedOut } from "@/client/types.gen";

export interface AccountQuery {
  q?: string;
  tier?: string;
  stage?: string;
  owner?: number;
  renews_before?: string;
}

const at = (id: number): string => `/success/accounts/${id}`;

/** The kinds of things that happen with an account. */
export const HISTORY = ["cases", "messages", "calls", "use", "notes", "promises", "handovers", "alerts", "outreach", "playbooks", "renewals"] as const;

export const accounts = {
  timeline: (id: number, group: string, cursor: string | null) => ask<Page<G.HappenedOut>>("GET", `${at(id)}/timeline`, { query: { groups: group || undefined, cursor } }),
  list: (query: AccountQuery, cursor: string | null) => ask<Page<G.AccountRow>>("GET", "/success/accounts", { query: { ...query, cursor } }),
  read: (id: number) => ask<G.AccountPage>("GET", at(id)),
  change: (id: number, body: G.AccountChange) => ask<G.AccountPage>("PATCH", at(id), { body }),
  addContract: (id: number, body: G.ContractIn) => ask<G.ContractOut>("POST", `${at(id)}/contracts`, { body }),
  changeContract: (id: number, contract: number, body: G.ContractIn) => ask<G.ContractOut>("PUT", `${at(id)}/contracts/${contract}`, { body }),
  setMember: (id: number, person: number, role: string) => ask<null>("PUT", `${at(id)}/people/${person}`, { body: { role } }),
  dropMember: (id: number, person: number) => ask<null>("DELETE", `${at(id)}/people/${person}`),
  bring: (file: File, apply: boolean) => upload<G.ImportOut>(`/success/import?apply=${apply}`, file, () => undefined),
  card: (id: number) => ask<G.AccountCard>("GET", `/accounts/${id}/card`),
  unjoined: () => ask<G.UnjoinedOut[]>("GET", "/usage-events/unjoined"),
  ladder: () => ask<G.LadderIn>("GET", "/success/setup/tiers"),
  setLadder: (body: G.LadderIn) => ask<G.LadderIn>("PUT", "/success/setup/tiers", { body }),
};

export type { HandoverOut as Handover, TicketHandovers, TriggersIo as Triggers } from "@/client/types.gen";

export const handovers = {
  list: (query: { mine?: boolean; done?: boolean }, cursor: string | null) => ask<Page<G.HandoverOut>>("GET", "/success/handovers", { query: { ...query, cursor } }),
  ofTicket: (number: number) => ask<G.TicketHandovers>("GET", `/tickets/${number}/handovers`),
  draft: (number: number) => ask<Record<string, unknown>>("GET", `/tickets/${number}/handovers/draft`),
  offer: (number: number, body: { form: string; cause: string; reason: string; package: Record<string, string> }) => ask<G.HandoverOut>("POST", `/tickets/${number}/handovers`, { body }),
  accept: (id: number) => ask<G.HandoverOut>("POST", `/handovers/${id}/accept`),
  decline: (id: number, reason: string) => ask<G.HandoverOut>("POST", `/handovers/${id}/decline`, { body: { reason } }),
  giveBack: (id: number, reason: string) => ask<G.HandoverOut>("POST", `/handovers/${id}/return`, { body: { reason } }),
  close: (id: number, outcome: string, answer: string) => ask<G.HandoverOut>("POST", `/handovers/${id}/close`, { body: { outcome, answer } }),
  triggers: () => ask<G.TriggersIo>("GET", "/success/setup/triggers"),
  setTriggers: (body: G.TriggersIo) => ask<G.TriggersIo>("PUT", "/success/setup/triggers", { body }),
};
