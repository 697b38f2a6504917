// The shapes that cross the wire, generated from the backend's schema (src/client). Named here as the screens speak of them;
// by hand only what OpenAPI does not describe: the socket's frames and JSON Schema itself.
import type * as G from "@/client/types.gen";

export type {
  AccountBrief, AgentBrief, CaseOut, LinkIn, LinkOut, MergePreview, ChildPreview, ChildAnswered, AgentOut, CalendarAhead, CalendarSpec, CallOut, ClockOut, DayAhead, EventOut, InboxBrief, InboxOut, MessageOut, PersonOut, ThreadOut,
  ArrivalsOut, BehindOut, BoardOut, CountedOut, FigureOut, HourOut, PartOut, ReportOut, SeatOut, TableOut, TicketDetail, TicketRow, TokenOut, YearlyClosure,
} from "@/client/types.gen";
export type KeptDraft = G.KeptDraftOut;
export type SurveySetup = G.SurveySetupOut;
export type Policy = G.PolicyOut;
export type PolicySpec = G.PolicySpec;
export type PolicyQuestion = G.MatchIn;
export type PolicyMatch = G.MatchOut;
export type Recount = G.RecountOut;
export type Why = G.WhyOut;
export type Notifications = G.NotificationsOut;
export type Notification = G.NotificationOut;
export type Me = G.Me;
export type Desk = G.DeskOut;
export type LiveCall = G.LiveCall;
export type Tag = G.TagOut;
export type Team = G.TeamOut;
export type Calendar = G.CalendarOut;
export type Holidays = G.HolidaysOut;
export type FileOut = G.AttachmentOut;
export type IdentityOut = G.IdentityOut;
export type DeadLetter = G.LetterOut;
export type Finding = G.FindingOut;

export type Role = G.AgentBrief["role"];
export type Presence = G.AgentBrief["presence"];
export type Here = Pick<G.AgentBrief, "presence" | "presence_at" | "channels_off">;
export type Offer = G.OfferOut;
export type Standing = G.RoutingOut;
export type Verdict = G.VerdictOut;
export type Decision = G.DecisionOut;
export type Plan = G.PlanOut;
export type PlanStep = G.StepIn;
export type RoutingSettings = G.SettingsOut;
export type RoutingSetup = G.SetupIn;
export type Skill = G.SkillOut;
export type Status = G.TicketRow["status"];
export type Priority = G.TicketRow["priority"];
export type ChannelKind = G.TicketRow["channel"];
export type CallState = G.CallOut["state"];
export type Cursor = string;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface SchemaField {
  type?: string;
  format?: string;
  writeOnly?: boolean;
  default?: unknown;
  title?: string;
  title_ja?: string;
  title_en?: string;
  help_ja?: string;
  help_en?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  items?: SchemaField;
  anyOf?: SchemaField[];
  allOf?: SchemaField[];
  $ref?: string;
  properties?: Record<string, SchemaField>;
  required?: string[];
  $defs?: Record<string, SchemaField>;
}

export interface Kind {
  kind: ChannelKind;
  schema: SchemaField;
}

export type Frame =
  | { op: "ready"; cursor: Cursor }
  | { op: "news"; cursor: Cursor; events: G.EventOut[]; tickets: G.TicketRow[]; messages: G.MessageOut[] }
  | { op: "reset"; cursor: Cursor }
  | { op: "viewers"; ticket: number; agents: { id: number; typing: boolean }[] }
  | { op: "typing"; ticket: number; thread: number }
  | { op: "ping" };
