// Playbooks and renewals: every call that their screens make.
import { address, ask } from "@/api/http";
import type * as G from "@/client/types.gen";

export type { ConditionIo as Condition, DraftOut as Draft, MonthOut as Month, PlaybookIn, PlaybookOut as Playbook, PlaybookTask, RenewalOut as Renewal, PlaybookRunOut as Run, PlaybookStepOut as RunStep, PlaybookSpec as Spec, StepIo as Step } from "@/client/types.gen";

export const playbooks = {
  list: () => ask<G.PlaybookOut[]>("GET", "/success/playbooks"),
  add: (body: G.PlaybookIn) => ask<G.PlaybookOut>("POST", "/success/playbooks", { body }),
  change: (id: number, body: G.PlaybookIn) => ask<G.PlaybookOut>("PUT", `/success/playbooks/${id}`, { body }),
  archive: (id: number) => ask<null>("POST", `/success/playbooks/${id}/archive`),
  runs: (account: number) => ask<G.PlaybookRunOut[]>("GET", `/success/accounts/${account}/runs`),
  start: (account: number, playbook_id: number) => ask<G.PlaybookRunOut>("POST", `/success/accounts/${account}/runs`, { body: { playbook_id } }),
  cancel: (run: number, reason: string) => ask<G.PlaybookRunOut>("POST", `/success/runs/${run}/cancel`, { body: { reason } }),
  tasks: (mine: boolean) => ask<G.PlaybookTask[]>("GET", "/success/tasks", { query: { mine } }),
  end: (step: number, state: "done" | "skipped", note: string) => ask<G.PlaybookRunOut>("POST", `/success/steps/${step}`, { body: { state, note } }),
  draft: (step: number) => ask<G.DraftOut>("GET", `/success/steps/${step}/draft`),
};

export interface RenewalQuery {
  first?: string;
  last?: string;
  owner?: number;
}

export const renewals = {
  list: (query: RenewalQuery) => ask<G.RenewalsOut>("GET", "/success/renewals", { query: { ...query } }),
  file: (query: RenewalQuery) => address("/success/renewals.csv", { ...query }),
  ofAccount: (account: number) => ask<G.RenewalOut[]>("GET", `/success/accounts/${account}/renewals`),
  forecast: (contract: number, body: G.ForecastIn) => ask<null>("PUT", `/success/contracts/${contract}/renewal`, { body }),
  decide: (contract: number, body: G.OutcomeIn) => ask<null>("POST", `/success/contracts/${contract}/renewal/outcome`, { body }),
};
