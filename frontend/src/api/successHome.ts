// The success home and its figures: every call that their screens make.
import { address, ask } from "@/api/http";
import type * as G from "@/client/types.gen";

export type { CountedAccountRow, HomeAccount, HomeOut as Home, ReviewOut as Review, SignalOut as Signal, SuccessFigureOut as Figure, SuccessFiguresOut as Figures } from "@/client/types.gen";

export interface FigureQuery {
  first: string;
  last: string;
  owner?: number;
  margin?: number;
}

export const home = (mine: boolean) => ask<G.HomeOut>("GET", "/success/home", { query: { mine } });

export const figures = {
  all: (query: FigureQuery) => ask<G.SuccessFiguresOut>("GET", "/success/figures", { query: { ...query } }),
  rows: (code: string, query: FigureQuery) => ask<G.CountedAccountRow[]>("GET", `/success/figures/${code}`, { query: { ...query } }),
  file: (query: FigureQuery) => address("/success/figures.csv", { ...query }),
  fileOf: (code: string, query: FigureQuery) => address(`/success/figures/${code}/rows.csv`, { ...query }),
};

export const review = (account: number, query: { first: string; last: string; language: string }) => ask<G.ReviewOut>("GET", `/success/accounts/${account}/review`, { query });
