// The touch-point matrix, and what stands behind a ticket: every call of their screens.
import { ask } from "@/api/http";
import type * as G from "@/client/types.gen";

export type { BackgroundIo as BackgroundIn, BackgroundOut as Background, TouchDecisionOut as Decision, KindIo as InquiryKind, KindsIo as Kinds, MatrixOut as Matrix, SimulationOut as Simulation, VersionOut as Version, WhoOut as Who } from "@/client/types.gen";
export type Cell = Required<G.CellIo>;

export const background = {
  read: (number: number) => ask<G.BackgroundOut>("GET", `/tickets/${number}/background`),
  write: (number: number, body: G.BackgroundIo) => ask<G.BackgroundOut>("PUT", `/tickets/${number}/background`, { body }),
  kinds: () => ask<G.KindsIo>("GET", "/inquiry-kinds"),
  setKinds: (body: G.KindsIo) => ask<G.KindsIo>("PUT", "/inquiry-kinds", { body }),
};

export const touch = {
  read: () => ask<G.MatrixOut>("GET", "/touch"),
  save: (cells: Cell[], note: string) => ask<G.VersionOut>("POST", "/touch/versions", { body: { cells, note } }),
  switchTo: (version: number | null) => ask<G.SwitchIn>("PUT", "/touch/active", { body: { version_id: version } }),
  simulate: (cells: Cell[]) => ask<G.SimulationOut>("POST", "/touch/simulation", { body: { cells, note: "" } }),
  ofTicket: (number: number) => ask<G.TicketTouch>("GET", `/tickets/${number}/touch`),
};
