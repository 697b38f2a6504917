// The frames of the visitors' socket (WS /chat), as JSON. The server's side is app/api/chat.py.

export type Language = "ja" | "en";

export interface SentFile {
  id: string;
  name: string;
  media_type: string;
  size: number | null;
  url: string | null;
  preview_url: string | null;
}

export interface Message {
  seq: number;
  id: number | string;
  from: "visitor" | "agent" | "machine";
  name: string;
  text: string;
  html: string;
  at: string; // UTC, ISO 8601
  files: SentFile[];
  client_id: string | null;
  unsent: boolean;
  asks?: Asks | null;
}

/** Answers that the visitor may tap, and the one that they did. */
export interface Asks {
  choices: { label: string; data: string }[];
  chosen: string | null;
}

export interface Look {
  title: string;
  welcome: string;
  color: string;
  privacy_url: string;
  ask_name: boolean;
  ask_email: boolean;
  online: boolean;
  articles?: boolean; // there are articles to read before asking
  language: Language;
}

export type RefusedCode = "origin" | "widget" | "busy" | "identity";
export type ErrorCode = "too_long" | "too_many" | "too_large" | "failed";

export interface Hello {
  op: "hello";
  widget: string;
  visitor: string | null; // the secret token that the server gave
  identity: string | null; // a JWT that the customer's site signed
  thread: string | null;
  last_seq: number;
  language: Language;
  page: string;
}

export interface Say {
  op: "say";
  client_id: string;
  text: string;
  files: string[];
  name?: string;
  email?: string;
}

export interface Seen {
  op: "seen";
  seq: number;
}

export interface Choose {
  op: "choose";
  data: string;
}

/** Articles: for the page that the visitor is on, or those with these words. `done`: they pressed the key. */
export interface Find {
  op: "find";
  q: string;
  title: string;
  done: boolean;
}

export interface Listed {
  id: number;
  title: string;
  locale: Language;
}

/** A text, or a tag with its attributes and what stands in it: markup never comes as a string. */
export type Markup = string | [string, Record<string, string>, Markup[]];

export interface Article extends Listed {
  url: string;
  parts: { name: string; nodes: Markup[] }[];
}

export interface Found {
  op: "found";
  q: string;
  why: "page" | "popular" | "search";
  articles: Listed[];
}

export interface Opened {
  op: "article";
  id: number;
  article: Article | null;
}

export type HelpFrame = Find | { op: "read"; article: number } | { op: "helped"; article: number };

export type ClientFrame = Hello | Say | Seen | Choose | HelpFrame | { op: "typing" } | { op: "ping" } | { op: "new" };

export interface Welcome {
  op: "welcome";
  visitor: string;
  thread: string;
  config: Look;
  messages: Message[];
  last_seq: number;
  ended: boolean;
  seen?: number; // the desk has read up to here
}

export type ServerFrame =
  | Welcome
  | { op: "reset" }
  | { op: "refused"; code: RefusedCode }
  | { op: "said"; client_id: string; message: Message }
  | { op: "error"; client_id: string | null; code: ErrorCode }
  | { op: "message"; message: Message }
  | { op: "seen"; seq: number }
  | { op: "typing"; name: string }
  | Found
  | Opened
  | { op: "pong" };
