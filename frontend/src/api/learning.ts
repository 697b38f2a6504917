// What the desk learns from its cases: what crosses the wire, and the calls.
import { ask } from "@/api/http";
import type { TeamCaptureOut, TicketKnowledge, WaiverIn } from "@/client/types.gen";

export type { TeamCaptureOut, TicketKnowledge };
export type WaiverReason = WaiverIn["reason"];
export type CaptureMode = TeamCaptureOut["mode"];

export const learning = {
  of: (ticket: number) => ask<TicketKnowledge>("GET", `/tickets/${ticket}/knowledge`),
  waive: (ticket: number, body: WaiverIn) => ask<TicketKnowledge>("PUT", `/tickets/${ticket}/knowledge/waiver`, { body }),
  unwaive: (ticket: number) => ask<TicketKnowledge>("DELETE", `/tickets/${ticket}/knowledge/waiver`),
  judge: (ticket: number, article: number, accurate: boolean | null) => ask<TicketKnowledge>("PATCH", `/tickets/${ticket}/articles/${article}`, { body: { accurate } }),
  unlink: (ticket: number, article: number) => ask<null>("DELETE", `/tickets/${ticket}/articles/${article}`),
  teams: () => ask<TeamCaptureOut[]>("GET", "/knowledge/teams"),
  askTeam: (team: number, mode: CaptureMode) => ask<TeamCaptureOut[]>("PUT", `/knowledge/teams/${team}`, { body: { mode } }),
};
