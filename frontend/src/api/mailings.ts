// Report mails: what crosses the wire, and the calls.
import { ask } from "@/api/http";
import type { CopyOut, FigureName, FiltersIn, MailingOut, ReportMailOut } from "@/client";

export type Letter = MailingOut;
export type Copy = CopyOut;
export type ReportMail = ReportMailOut;
export type Figure = FigureName;
export type Filters = FiltersIn;
export type ReportMailIn = Omit<ReportMail, "id" | "made_by" | "next_at" | "sent_at" | "skipped_at" | "error" | "latest">;
export interface ReportMails {
  items: ReportMail[];
  sender: string | null;
  figures: Figure[];
}

export const reportMails = {
  list: () => ask<ReportMails>("GET", "/report-mails"),
  add: (body: ReportMailIn) => ask<ReportMail>("POST", "/report-mails", { body }),
  change: (id: number, body: ReportMailIn) => ask<ReportMail>("PUT", `/report-mails/${id}`, { body }),
  remove: (id: number) => ask<null>("DELETE", `/report-mails/${id}`),
  now: (id: number) => ask<ReportMail>("POST", `/report-mails/${id}/now`),
  letters: (id: number) => ask<Letter[]>("GET", `/report-mails/${id}/letters`),
  again: (id: number, copy: number) => ask<Letter[]>("POST", `/report-mails/${id}/copies/${copy}/again`),
};
