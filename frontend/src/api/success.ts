// Customer success: every call that its screens make.
import { ask, upload } from "@/api/http";
import type { Page } from "@/api/types";
import type * as G from "@/client/types.gen";

export type { AccountCard, AccountChange, AccountPage, AccountRow, ContractIn, ContractOut, ImportOut, LadderIn, MemberOut, UnjoinedOut } from "@/client/types.gen";

export interface AccountQuery {
  q?: string;
  tier?: string;
  stage?: string;
  owner?: number;
  renews_before?: string;
}

const at = (id: number): string => `/success/accounts/${id}`;

export const accounts = {
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
