// The board and the reports: what crosses the wire, and the calls.
import { address, ask } from "@/api/http";
import type * as T from "@/api/types";

export interface ReportQuery {
  first: string;
  last: string;
  basis?: "business" | "elapsed";
  channel?: string;
  team?: number;
  agent?: number;
  inbox?: number;
  tier?: string;
  tag?: number;
  abandon_s?: number;
  target_s?: number;
  variant?: "A" | "B" | "C";
}

export type Which = "all" | "hit" | "miss";

export const board = (team: number | null, basis: T.BoardOut["basis"], signal?: AbortSignal) => ask<T.BoardOut>("GET", "/board", { query: { team, basis }, signal });

/** What a tile of the board counts. `team`: 0 is "of no team". */
export interface Tile {
  name: "waiting" | "breached" | "in_15" | "in_60" | "calls" | "talking";
  team?: number;
  channel?: string;
  unassigned?: boolean;
}

export const boardTile = (tile: Tile, page: { cursor?: string; limit?: number }) =>
  ask<T.Page<T.BehindOut>>("GET", `/board/${tile.name}`, { query: { team: tile.team, channel: tile.channel, unassigned: tile.unassigned, ...page } });

/** What a staffing plan asks for; its channel and target stand before the period's own. */
export interface StaffingQuery {
  channel?: string;
  share: number;
  target_s: number;
  occupancy: number;
  shrinkage: number;
  concurrency: number;
  handling_s?: number;
}

export const reports = {
  all: (query: ReportQuery, signal?: AbortSignal) => ask<T.ReportOut>("GET", "/reports", { query: { ...query }, signal }),
  table: (figure: string, query: ReportQuery, by: string, signal?: AbortSignal) => ask<T.TableOut>("GET", `/reports/${figure}`, { query: { ...query, by }, signal }),
  rows: (figure: string, query: ReportQuery, which: Which, cursor: string | null) =>
    ask<T.Page<T.CountedOut>>("GET", `/reports/${figure}/rows`, { query: { ...query, which, cursor, limit: 50 } }),
  arrivals: (query: ReportQuery, more: StaffingQuery, signal?: AbortSignal) => ask<T.ArrivalsOut>("GET", "/reports/arrivals", { query: { ...query, ...more }, signal }),
  file: (query: ReportQuery) => address("/reports/export.csv", { ...query }),
  fileOf: (figure: string, query: ReportQuery, more: { by?: string; which?: Which }) => address(`/reports/${figure}/export.csv`, { ...query, ...more }),
};
