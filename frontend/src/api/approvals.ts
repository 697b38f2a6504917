// Answers that wait for a lead: what crosses the wire.
import { ask } from "@/api/http";
import type { MessageOut } from "@/api/types";
import type { ApprovalOut, ApproveIn, CheckIn, ReplyIn, TicketApprovals, WarningOut } from "@/client/types.gen";

export type { ApprovalOut, TicketApprovals, WarningOut };

export const approvals = {
  of: (ticket: number) => ask<TicketApprovals>("GET", `/tickets/${ticket}/approvals`),
  ask: (ticket: number, body: ReplyIn) => ask<ApprovalOut>("POST", `/tickets/${ticket}/approvals`, { body }),
  approve: (id: number, body: ApproveIn) => ask<MessageOut>("POST", `/approvals/${id}/approve`, { body }),
  sendBack: (id: number, comment: string) => ask<ApprovalOut>("POST", `/approvals/${id}/return`, { body: { comment } }),
  check: (ticket: number, body: CheckIn) => ask<WarningOut[]>("POST", `/tickets/${ticket}/replies/check`, { body }),
  withdraw: (id: number) => ask<ApprovalOut>("POST", `/approvals/${id}/withdraw`),
};
