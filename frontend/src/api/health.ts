// Health, early warnings and rhythms: every call that their screens make.
import { ask } from "@/api/http";
import type * as G from "@/client/types.gen";

export type { AlertOut, FormulaList, FormulaOut, HealthList, HealthPage, HealthRow, FormulaTrial, RhythmOut, RuleList, WarningRule, TrialOut, WhisperOut } from "@/client/types.gen";
export type Spec = G.FormulaOut["spec"];
export type Colour = G.HealthRow["colour"];
export const COLOURS = ["red", "yellow", "blue", "grey"] as const;

const home = "/success";

export const health = {
  list: (query: { colour?: string; owner?: number }, cursor: string | null) => ask<G.HealthList>("GET", `${home}/health`, { query: { ...query, cursor } }),
  read: (account: number) => ask<G.HealthPage>("GET", `${home}/accounts/${account}/health`),
  feel: (account: number, body: { value: number; note: string; days: number }) => ask<G.HealthPage>("POST", `${home}/accounts/${account}/pulse`, { body }),
  override: (account: number, body: { colour: string; reason: string; until: string }) => ask<G.HealthPage>("PUT", `${home}/accounts/${account}/health/override`, { body }),
  takeBack: (account: number) => ask<G.HealthPage>("DELETE", `${home}/accounts/${account}/health/override`),
  formulas: () => ask<G.FormulaList>("GET", `${home}/health/formulas`),
  preview: (body: G.FormulaIn) => ask<G.FormulaTrial>("POST", `${home}/health/formulas/preview`, { body }),
  addFormula: (body: G.FormulaIn) => ask<G.FormulaOut>("POST", `${home}/health/formulas`, { body }),
  activate: (id: number) => ask<G.FormulaOut>("POST", `${home}/health/formulas/${id}/activate`),
};

export const alerts = {
  list: (query: { state: string; owner?: number; account?: number }) => ask<G.AlertList>("GET", `${home}/alerts`, { query }),
  snooze: (id: number, until: string, reason: string) => ask<G.AlertOut>("POST", `${home}/alerts/${id}/snooze`, { body: { until, reason } }),
  close: (id: number, outcome: string, note: string) => ask<G.AlertOut>("POST", `${home}/alerts/${id}/close`, { body: { outcome, note } }),
  give: (id: number, owner: number) => ask<G.AlertOut>("POST", `${home}/alerts/${id}/owner`, { body: { owner_id: owner } }),
  rules: () => ask<G.RuleList>("GET", `${home}/alert-rules`),
  setRules: (body: G.RulesIn) => ask<G.RuleList>("PUT", `${home}/alert-rules`, { body }),
};

export const rhythms = {
  list: (query: { due?: boolean; owner?: number; account?: number }) => ask<G.RhythmList>("GET", `${home}/rhythms`, { query }),
  settle: (id: number, how: string) => ask<null>("POST", `${home}/rhythms/${id}/settle`, { body: { how } }),
};

export const whisper = {
  of: (ticket: number) => ask<G.WhisperOut>("GET", `/tickets/${ticket}/whisper`),
  now: (message: number) => ask<G.MessageOut>("POST", `/messages/${message}/now`),
  drop: (message: number) => ask<G.MessageOut>("POST", `/messages/${message}/drop`),
};
