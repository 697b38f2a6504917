// How outreach is told: who is left out and why, and what a letter begins with.
import type { Audience, CopyPreview } from "@/api/outreach";

export const SOURCES = ["form", "paper", "phone", "card", "trade", "reply", "other"] as const;
export const VARIABLES = ["person.name", "account.name", "agent.alias", "contract.product", "contract.renews_on", "contract.notice_on"] as const;

/** What a letter starts from: an account's, a playbook's step, or nothing. */
export interface Start {
  accounts?: number[];
  people?: number[];
  channel?: "email" | "line";
  step?: number;
  name?: string;
  language?: "ja" | "en";
  subject?: string;
  text?: string;
}

export interface Filter {
  tier: string;
  colour: string;
  stage: string;
  owner: string;
  renews: string;
  everyone: boolean;
}

export const NO_FILTER: Filter = { tier: "", colour: "", stage: "", owner: "", renews: "", everyone: false };

export function audience(start: Start, filter: Filter): Audience {
  const chosen = start.accounts ?? [];
  return {
    account_ids: chosen,
    person_ids: start.people ?? [],
    everyone: filter.everyone,
    tier: (filter.tier || null) as Audience["tier"],
    colour: (filter.colour || null) as Audience["colour"],
    stage: (filter.stage || null) as Audience["stage"],
    owner_id: filter.owner ? Number(filter.owner) : null,
    renews_within: filter.renews ? Number(filter.renews) : null,
  };
}

/** Whether anybody is chosen at all. */
export const isChosen = (to: Audience): boolean =>
  Boolean(to.account_ids?.length || to.person_ids?.length || to.tier || to.colour || to.stage || to.owner_id || typeof to.renews_within === "number");

/** How many are left out for each reason, the most frequent first. */
export function reasons(copies: CopyPreview[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { refused } of copies) if (refused) counts.set(refused, (counts.get(refused) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
