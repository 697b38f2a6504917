// 日本語の文言、部屋ごと。キーは en と同じで、テストが揃っていることを確かめる。
import approvals from "@/i18n/ja/approvals";
import automation from "@/i18n/ja/automation";
import board from "@/i18n/ja/board";
import cases from "@/i18n/ja/cases";
import composer from "@/i18n/ja/composer";
import customer from "@/i18n/ja/customer";
import desk from "@/i18n/ja/desk";
import harassment from "@/i18n/ja/harassment";
import health from "@/i18n/ja/health";
import history from "@/i18n/ja/history";
import hours from "@/i18n/ja/hours";
import knowledge from "@/i18n/ja/knowledge";
import learning from "@/i18n/ja/learning";
import mailings from "@/i18n/ja/mailings";
import imports from "@/i18n/ja/imports";
import outreach from "@/i18n/ja/outreach";
import playbooks from "@/i18n/ja/playbooks";
import queue from "@/i18n/ja/queue";
import reports from "@/i18n/ja/reports";
import renewals from "@/i18n/ja/renewals";
import review from "@/i18n/ja/review";
import routing from "@/i18n/ja/routing";
import search from "@/i18n/ja/search";
import settings from "@/i18n/ja/settings";
import sla from "@/i18n/ja/sla";
import success from "@/i18n/ja/success";
import successError from "@/i18n/ja/successError";
import successHome from "@/i18n/ja/successHome";
import successKpi from "@/i18n/ja/successKpi";
import survey from "@/i18n/ja/survey";
import ticket from "@/i18n/ja/ticket";
import touch from "@/i18n/ja/touch";
import views from "@/i18n/ja/views";

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
