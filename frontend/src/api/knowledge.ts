// Articles: what crosses the wire, and the calls.
import { ask } from "@/api/http";
import type {
  ArticleChange, ArticleIn, ArticleOut, ArticleParts, ArticleRow, ArticleTextIn, ArticleTextOut, ArticleVersionOut, ArticleVersionRow, CategoryOut, DiffOut, LinkedArticle, SuggestedArticle,
} from "@/client/types.gen";
import type { Page } from "@/api/types";

export type { ArticleOut, ArticleRow, ArticleTextOut, ArticleVersionOut, ArticleVersionRow, CategoryOut, DiffOut, LinkedArticle, SuggestedArticle };
export type Locale = ArticleOut["locale"];
export type Parts = Required<ArticleParts>;
export interface ArticleQuery {
  q?: string;
  state?: string;
  audience?: string;
  category?: number | string;
  owner?: number | string;
  show?: string;
}

const text = (id: number, locale: Locale): string => `/articles/${id}/texts/${locale}`;

export const articles = {
  list: (query: ArticleQuery, cursor: string | null) => ask<Page<ArticleRow>>("GET", "/articles", { query: { ...query, cursor } }),
  one: (id: number) => ask<ArticleOut>("GET", `/articles/${id}`),
  add: (body: ArticleIn) => ask<ArticleOut>("POST", "/articles", { body }),
  change: (id: number, body: ArticleChange) => ask<ArticleOut>("PATCH", `/articles/${id}`, { body }),
  save: (id: number, locale: Locale, body: ArticleTextIn) => ask<ArticleOut>("PUT", text(id, locale), { body }),
  publish: (id: number, locale: Locale, window: { begins?: string | null; ends?: string | null }) => ask<ArticleOut>("PUT", `${text(id, locale)}/publication`, { body: window }),
  unpublish: (id: number, locale: Locale) => ask<ArticleOut>("DELETE", `${text(id, locale)}/publication`),
  versions: (id: number, locale: Locale) => ask<ArticleVersionRow[]>("GET", `${text(id, locale)}/versions`),
  version: (id: number, locale: Locale, number: number) => ask<ArticleVersionOut>("GET", `${text(id, locale)}/versions/${number}`),
  diff: (id: number, locale: Locale, number: number, since?: number) => ask<DiffOut>("GET", `${text(id, locale)}/versions/${number}/diff`, { query: { since } }),
  preview: (body: Partial<Parts>) => ask<Parts>("POST", "/articles/preview", { body }),
  suggestions: (ticket: number, q: string) => ask<SuggestedArticle[]>("GET", `/tickets/${ticket}/articles/suggestions`, { query: { q } }),
  link: (ticket: number, article_id: number, how: "linked" | "sent") => ask<LinkedArticle[]>("POST", `/tickets/${ticket}/articles`, { body: { article_id, how } }),
  writeUp: (ticket: number, locale: Locale) => ask<{ id: number }>("POST", `/tickets/${ticket}/articles/draft`, { body: { locale } }),
  categories: () => ask<CategoryOut[]>("GET", "/article-categories"),
};
