export * as api from "@/api/calls";
export type { AgentIn, InboxIn, ReplyIn, TicketPatch, TicketQuery } from "@/api/calls";
export { onSignedOut, Problem } from "@/api/http";
export type * from "@/api/types";
