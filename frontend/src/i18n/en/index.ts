// English, a file a room. The keys are those of ja; a test holds them together.
import approvals from "@/i18n/en/approvals";
import automation from "@/i18n/en/automation";
import board from "@/i18n/en/board";
import cases from "@/i18n/en/cases";
import composer from "@/i18n/en/composer";
import customer from "@/i18n/en/customer";
import desk from "@/i18n/en/desk";
import harassment from "@/i18n/en/harassment";
import health from "@/i18n/en/health";
import history from "@/i18n/en/history";
import hours from "@/i18n/en/hours";
import knowledge from "@/i18n/en/knowledge";
import learning from "@/i18n/en/learning";
import mailings from "@/i18n/en/mailings";
import imports from "@/i18n/en/imports";
import outreach from "@/i18n/en/outreach";
import playbooks from "@/i18n/en/playbooks";
import queue from "@/i18n/en/queue";
import reports from "@/i18n/en/reports";
import renewals from "@/i18n/en/renewals";
import review from "@/i18n/en/review";
import routing from "@/i18n/en/routing";
import search from "@/i18n/en/search";
import settings from "@/i18n/en/settings";
import sla from "@/i18n/en/sla";
import success from "@/i18n/en/success";
import successError from "@/i18n/en/successError";
import successHome from "@/i18n/en/successHome";
import successKpi from "@/i18n/en/successKpi";
import survey from "@/i18n/en/survey";
import ticket from "@/i18n/en/ticket";
import touch from "@/i18n/en/touch";
import views from "@/i18n/en/views";

export default {
  ...approvals,
  ...automation,
  ...board,
  ...cases,
  ...composer,
  ...customer,
  ...desk,
  ...harassment,
  ...health,
  ...history,
  ...hours,
  ...knowledge,
  ...learning,
  ...mailings,
  ...imports,
  ...outreach,
  ...playbooks,
  ...queue,
  ...reports,
  ...renewals,
  ...review,
  ...routing,
  ...search,
  ...settings,
  ...sla,
  ...success,
  ...successHome,
  ...successKpi,
  ...survey,
  ...ticket,
  ...touch,
  ...views,
  error: { ...desk.error, ...successError },
 };
