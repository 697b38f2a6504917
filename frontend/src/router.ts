import { createRouter, createWebHistory } from "vue-router";
import { me } from "@/store";
import { resume } from "@/session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("@/sign-in/SignInScreen.vue"), meta: { open: true } },
    { path: "/desk/:view/:number(\\d+)?", name: "desk", component: () => import("@/desk/DeskScreen.vue") },
    { path: "/tickets/:number(\\d+)", redirect: (to) => ({ name: "desk", params: { view: "open", number: to.params.number } }) },
    { path: "/board", name: "board", component: () => import("@/lead/BoardScreen.vue") },
    { path: "/reports/:figure?", name: "reports", component: () => import("@/lead/ReportsScreen.vue") },
    { path: "/success/accounts/:id(\\d+)/review", name: "review", component: () => import("@/success/review/ReviewPack.vue") },
    { path: "/success/:page?/:id(\\d+)?", name: "success", component: () => import("@/success/SuccessScreen.vue") },
    { path: "/knowledge/:id(\\d+|new|backlog|tasks|figures|categories)?", name: "knowledge", component: () => import("@/knowledge/KnowledgeScreen.vue") },
    { path: "/settings/:page?/:id?", name: "settings", component: () => import("@/settings/SettingsScreen.vue") },
    { path: "/:rest(.*)*", redirect: { name: "desk", params: { view: "open" } } },
  ],
});

router.beforeEach(async (to) => {
  const known = me.value !== null || (await resume());
  if (to.meta.open) return known ? { path: nextOf(to.query.next) } : true;
  return known ? true : { name: "sign-in", query: to.fullPath === "/desk/open" ? {} : { next: to.fullPath } };
});

/** Only paths of our own: a link must not send a person elsewhere after signing in. */
export function nextOf(value: unknown): string {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : "/desk/open";
}
