export * as api from "@/api/calls";
export type { AgentIn, InboxIn, ReplyIn, ReportQuery, StaffingQuery, TicketPatch, TicketQuery, Tile, Which } from "@/api/calls";
export { onSignedOut, Problem } from "@/api/http";
export type * from "@/api/types";
