// Decisions are codes; here they become sentences. Pure: names and words come in.
import type { Decision, Skill } from "@/api";

type Translate = (key: string, values?: Record<string, unknown>) => string;

export interface Names {
  agent: (id: number | null | undefined) => string;
  team: (id: number | null | undefined) => string;
  skills: readonly Skill[];
  t: Translate;
}

export interface Candidate {
  agent: number;
  no: string[];
  load: number;
}

export interface Reasons {
  candidates?: Candidate[];
  needs?: { skill: number; level: number }[];
  widened?: boolean;
  wait_for?: number;
  after_s?: number;
  from?: number;
  over?: number;
  size?: number;
  rings?: number[];
}

const skillName = (id: number, { skills }: Names): string => skills.find((skill) => skill.id === id)?.name ?? `#${id}`;

/** "full", "not_there:break", "skill:7" as words. */
export function against(code: string, names: Names): string {
  const [kind, rest] = code.split(":");
  if (kind === "not_there") return names.t(`presence.${rest}`);
  if (kind === "skill") return names.t("routing.no.skill", { skill: skillName(Number(rest), names) });
  return names.t(`routing.no.${kind}`);
}

export const needed = (reasons: Reasons, names: Names): string =>
  reasons.widened ? "" : (reasons.needs ?? []).map((need) => `${skillName(need.skill, names)} (${need.level})`).join(names.t("routing.comma"));

/** One sentence: what was decided, and why. */
export function sentence(decision: Pick<Decision, "outcome" | "why" | "agent_id" | "team_id" | "reasons">, names: Names): string {
  const reasons = decision.reasons as Reasons;
  const values = { agent: names.agent(decision.agent_id ?? reasons.wait_for), team: names.team(decision.team_id), from: names.team(reasons.from), minutes: Math.round((reasons.after_s ?? 0) / 6) / 10, over: reasons.over, size: reasons.size };
  const { outcome, why } = decision;
  if (outcome === "waiting") return names.t(`routing.waits.${why}`, values);
  if (outcome === "returned") return names.t(`routing.returned.${why}`, values);
  if (outcome === "overflowed") return names.t(`routing.overflowed.${why}`, values);
  if (outcome === "declined" || outcome === "expired") return names.t(`routing.${outcome}`, values);
  const because = names.t(`routing.because.${why}`, values);
  if (reasons.rings) return names.t("routing.rang", { names: reasons.rings.map((id) => names.agent(id)).join(names.t("routing.comma")), because });
  return names.t(`routing.${outcome}`, { ...values, because });
}
