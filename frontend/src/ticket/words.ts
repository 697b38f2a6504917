// Events are codes; here they become sentences in the reader's language.
import type { EventOut } from "@/api";
import { agentById, tagById, teamById } from "@/store";
import { fullTime } from "@/time";

type Translate = (key: string, values?: Record<string, unknown>) => string;

export function eventWords(event: EventOut, t: Translate, te: (key: string) => boolean, language: string): string {
  const { params } = event;
  const nobody = t("common.nobody");
  const who = agentById(event.agent_id)?.name ?? t("event.system");
  const name = (id: unknown): string => (typeof id === "number" ? (agentById(id)?.name ?? `#${id}`) : nobody);
  const values: Record<string, unknown> = { who };
  if (event.kind === "ticket.merged" || event.kind === "ticket.unmerged") {
    const into = typeof params.into === "number";
    return t(`event.${event.kind.slice(7)}_${into ? "into" : "here"}`, { who, other: into ? params.into : params.number });
  }
  if (event.kind === "ticket.split") return t(typeof params.number === "number" ? "event.split_into" : "event.split_here", { who, ...params });
  if (event.kind === "ticket.children_answered") values.n = Array.isArray(params.numbers) ? params.numbers.length : 0;
  if (event.kind === "ticket.linked" || event.kind === "ticket.unlinked") return t(`event.${event.kind.slice(7)}_${String(params.kin)}`, { who, other: params.other });
  if (event.kind === "ticket.assigned") {
    const self = params.to === event.agent_id;
    const machine = event.agent_id === null;
    const code = params.to === null ? (machine ? "returned" : "released") : machine ? "routed" : self ? "claimed" : "assigned";
    return t(`event.${code}`, { who, to: name(params.to) });
  }
  if (event.kind === "ticket.status") {
    const until = typeof params.until === "string" ? fullTime(params.until, language) : "";
    if (params.to === "snoozed" && until) return t("event.snoozed", { who, until });
    return t("event.status", { who, to: t(`status.${String(params.to)}`) });
  }
  if (event.kind === "ticket.priority") values.to = t(`priority.${String(params.to)}`);
  if (event.kind === "ticket.team") values.to = typeof params.to === "number" ? (teamById(params.to)?.name ?? `#${params.to}`) : nobody;
  if (event.kind === "ticket.policy") return params.to === null ? t("event.ticket_policy_back", { who }) : t("event.ticket_policy", { who, to: params.name });
  if (event.kind === "offer.made") values.to = name(params.to);
  if (event.kind === "draft.taken") values.to = name(params.owner);
  if (event.kind === "offer.ended") return t(`event.offer_${String(params.state)}`, { to: name(params.to) });
  if (event.kind === "ticket.subject") values.to = String(params.to ?? "");
  if (event.kind === "ticket.tagged" || event.kind === "ticket.untagged") values.tag = tagById(Number(params.tag))?.name ?? `#${String(params.tag)}`;
  if (event.kind.startsWith("clock.")) {
    values.metric = t(`metric.${String(params.metric)}`);
    values.due = typeof params.due_at === "string" ? fullTime(params.due_at, language) : "–";
  }
  if (event.kind === "survey.answered") {
    const reason = params.reason ? t(`survey.reason.${String(params.reason)}`) : "";
    const said = [reason, params.comment ? `“${String(params.comment)}”` : ""].filter(Boolean).join(" · ");
    return t(said ? "event.survey_said" : "event.survey_answered", { score: params.score, said });
  }
  if (event.kind.startsWith("handover.")) {
    return t(`success.told.${event.kind.slice("handover.".length)}`, { who, cause: t(`success.handover.causes.${String(params.cause)}`), answer: params.answer, number: params.number });
  }
  if (event.kind.startsWith("harassment.")) return t(`harassment.told.${event.kind.slice("harassment.".length)}`, { who });
  if (event.kind === "outreach.answered") return t("outreach.told", { name: params.name });
  if (event.kind === "touch.decided") return t("touch.told", { who: t(`touch.owner.${String(params.owner)}`) });
  if (event.kind === "inbox.noticed") {
    const code = `notice.${String(params.code).replaceAll(".", "_")}`;
    return te(code) ? t(code) : t("event.noticed", { code: String(params.code) });
  }
  const key = `event.${event.kind.replaceAll(".", "_")}`;
  return te(key) ? t(key, values) : t("event.other", { kind: event.kind });
}
