// What playbooks are made of, and which of its two languages a text is shown in.
import type { Condition, Step } from "@/api/playbooks";

export const KINDS = ["risk", "onboarding", "renewal", "expansion", "lifecycle", "advocacy"] as const;
export const STEP_KINDS = ["task", "mail", "line", "call", "internal", "wait", "branch"] as const;
export const FACTS = ["replied", "stage", "tier", "colour", "used", "renewed", "step"] as const;
export const OWNERS = ["manager", "starter", "lead"] as const;
export const CHOICES: Partial<Record<Condition["fact"], readonly string[]>> = {
  stage: ["onboarding", "adopting", "steady", "renewal", "at_risk", "churned"],
  tier: ["high", "low", "tech"],
  colour: ["blue", "yellow", "red", "grey"],
  renewed: ["renewed", "lost"],
  step: ["done", "skipped", "open"],
};
export const isWork = (kind: Step["kind"]): boolean => kind !== "wait" && kind !== "branch";
export const isDrafted = (kind: Step["kind"]): boolean => kind === "mail" || kind === "line";

type Both = { ja?: string; en?: string } | undefined;
export const said = (both: Both, language: string): string => (language === "en" ? both?.en || both?.ja : both?.ja || both?.en) ?? "";

export function newStep(known: Step[]): Step {
  let number = known.length + 1;
  while (known.some((one) => one.key === `s${number}`)) number += 1;
  return { key: `s${number}`, kind: "task", title: { ja: "", en: "" }, subject: {}, text: {}, days: 1, owner: "manager", mark: "", condition: null, then: "", otherwise: "" };
}
