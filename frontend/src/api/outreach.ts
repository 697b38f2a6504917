// Outreach and what people say of being written to: every call that their screens make.
import { ask } from "@/api/http";
import type { Page } from "@/api/types";
import type * as G from "@/client/types.gen";

export type { AudienceIn as Audience, ConsentIn, ConsentOut as Consent, LetterCopyPreview as CopyPreview, LetterIn, LetterPreview, LetterSenderIo as Sender, LetterTemplateIn, LetterTemplateOut as LetterTemplate, OutreachOut, OutreachRow, PersonConsents, StandingOut as Standing } from "@/client/types.gen";

export const outreach = {
  list: (account: number | undefined, before: string | null) => ask<Page<G.OutreachRow>>("GET", "/success/outreach", { query: { account, before } }),
  read: (id: number) => ask<G.OutreachOut>("GET", `/success/outreach/${id}`),
  preview: (body: G.LetterIn) => ask<G.LetterPreview>("POST", "/success/outreach/preview", { body }),
  send: (body: G.LetterSend) => ask<G.OutreachOut>("POST", "/success/outreach", { body }),
  templates: () => ask<G.LetterTemplateOut[]>("GET", "/success/outreach-templates"),
  addTemplate: (body: G.LetterTemplateIn) => ask<G.LetterTemplateOut>("POST", "/success/outreach-templates", { body }),
  dropTemplate: (id: number) => ask<null>("DELETE", `/success/outreach-templates/${id}`),
  sender: () => ask<G.LetterSenderIo>("GET", "/success/setup/sender"),
  setSender: (body: G.LetterSenderIo) => ask<G.LetterSenderIo>("PUT", "/success/setup/sender", { body }),
  consents: (person: number) => ask<G.PersonConsents>("GET", `/success/people/${person}/consents`),
  say: (person: number, body: G.ConsentIn) => ask<G.PersonConsents>("POST", `/success/people/${person}/consents`, { body }),
  standing: (account: number) => ask<G.AccountStanding[]>("GET", `/success/accounts/${account}/standing`),
};
