// The customer's telephone with the chat.

import { ask, clock, day, every, fill, find, first, keepAtEnd, make, post, remember, remembered, trouble } from "./tools.js";
import { onLanguage, t } from "./words.js";

const chat = find("line-chat");
const text = find("line-text");
const who = find("line-who");
let people = [];
let user = "";
let after = 0;
let messages = new Map();
let quoting = null; // the message that the next words quote

export async function begin(news) {
  people = await ask("line/users");
  const wanted = first(people, remembered("line"), (one) => one.id);
  fill(who, people, wanted, (one) => one.id, (one) => one.name);
  user = who.value;
  who.addEventListener("change", () => change(who.value));
  find("line-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sayText();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      sayText();
    }
  });
  text.addEventListener("input", grow);
  find("line-more").addEventListener("click", () => showExtras(find("line-extras").hidden));
  for (const button of document.querySelectorAll("[data-extra]")) button.addEventListener("click", () => extra(button.dataset.extra));
  for (const name of ["picture", "file"]) find(`line-${name}`).addEventListener("change", (event) => upload(event.target));
  find("line-block").addEventListener("click", block);
  onLanguage(draw);
  every(900, () => poll(news));
}

function change(next) {
  user = next;
  remember("line", user);
  after = 0;
  messages = new Map();
  quoting = null;
  trouble(find("line-trouble"), "");
  draw();
}

async function poll(news) {
  const asked = user;
  const found = await ask(`line/events?user=${encodeURIComponent(asked)}&after=${after}`);
  if (asked !== user) return;
  if (found.after < after) {
    after = 0;
    messages = new Map();
    return;
  }
  const fresh = after === 0;
  after = found.after;
  if (!found.messages.length && !fresh) return;
  if (!fresh && found.messages.some((one) => one.side === "desk" && !messages.has(one.id))) news();
  for (const one of found.messages) messages.set(one.id, one);
  keepAtEnd(chat, draw);
  if (fresh) atEnd();
}

function draw() {
  const me = people.find((one) => one.id === user);
  const following = me?.following !== false;
  find("line-state").textContent = t(following ? "lineFriend" : "lineBlocked");
  find("line-block").textContent = t(following ? "block" : "unblock");
  text.placeholder = quoting ? t("lineQuoting").replace("{words}", () => quoting.text.slice(0, 20)) : t("lineHint");
  text.setAttribute("aria-label", t("lineHint"));
  find("line-send").setAttribute("aria-label", t("send"));
  find("line-more").setAttribute("aria-label", t("more"));
  const rows = [...messages.values()].sort((a, b) => a.at_ms - b.at_ms || a.seq - b.seq);
  let last = "";
  chat.replaceChildren();
  for (const one of rows) {
    const when = new Date(one.at_ms);
    if (when.toDateString() !== last) chat.append(make("li", { class: "day", text: day(when) }));
    last = when.toDateString();
    chat.append(bubble(one, when));
  }
  const newest = rows.at(-1); // LINE shows quick replies under the newest message only
  if (newest?.choices?.length && !newest.unsent) chat.append(quickReplies(newest));
  if (!rows.length) chat.append(make("li", { class: "empty", text: t("lineEmpty") }));
}

function bubble(one, when) {
  if (one.unsent) return make("li", { class: "day", text: t("unsent") });
  const mine = one.side === "customer";
  const marks = make("span", { class: "marks" });
  if (mine && one.read) marks.append(make("span", { text: t("read") }));
  marks.append(make("time", { text: clock(when) }));
  if (mine && Date.now() - one.at_ms < 86_400_000) marks.append(make("button", { type: "button", class: "undo", text: t("unsend"), onclick: () => unsend(one) }));
  if (!mine && one.text) marks.append(make("button", { type: "button", class: "undo", text: t("quote"), onclick: () => quote(one) }));
  const box = make("div", { class: `bubble ${one.kind}` }, one.quotes ? make("q", { class: "quoted", text: one.quotes }) : null, content(one));
  const sender = mine ? null : make("small", { text: one.sender || t("shopName") });
  const body = make("div", { class: "body" }, sender, make("div", { class: "line" }, box, marks));
  return make("li", { class: mine ? "mine" : "theirs", "data-id": one.id }, mine ? null : make("span", { class: "avatar", "aria-hidden": "true", text: "三" }), body);
}

function quickReplies(one) {
  const choose = (index) => tell("line/choose", { user, id: one.id, index });
  return make("li", { class: "choices" }, ...one.choices.map((label, index) => make("button", { type: "button", text: label, onclick: () => choose(index) })));
}

function content(one) {
  const address = one.side === "customer" ? `/demo/line/content/${one.id}` : one.url;
  if (one.kind === "image") return make("a", { href: address, target: "_blank", rel: "noopener" }, make("img", { src: address, alt: one.name || t("picture"), onload: pictured }));
  if (one.kind === "file") return make("a", { href: address, download: one.name || "file", text: one.name || t("file") });
  if (one.kind === "sticker") return make("span", { class: "seal", text: one.text || "ありがとう" });
  if (one.kind === "location") return make("span", { class: "spot", text: one.text });
  if (one.parts?.length) return leaflet(one.parts);
  return withLinks(one.text);
}

/** A Flex message: its words, each line that opens a page as a button. */
function leaflet(parts) {
  const line = ({ text, url }) => (url ? make("a", { href: url, target: "_blank", rel: "noopener", text }) : make("span", { text }));
  return make("span", { class: "leaflet" }, ...parts.map(line));
}

let tailed = true; // whether the chat stands at its end: a picture that arrives later must not push the end away
chat.addEventListener("scroll", () => (tailed = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60));

const pictured = () => tailed && atEnd();

function atEnd() {
  chat.scrollTop = chat.scrollHeight;
  tailed = true;
}

function withLinks(words) {
  const node = make("span");
  for (const piece of String(words).split(/(https?:\/\/[^\s]+)/)) {
    node.append(/^https?:\/\//.test(piece) ? make("a", { href: piece, target: "_blank", rel: "noopener", text: piece }) : piece);
  }
  return node;
}

async function tell(path, body) {
  try {
    const { status } = await post(path, body);
    trouble(find("line-trouble"), status >= 200 && status < 300 ? "" : `${t("notTaken")} (${status})`);
  } catch {
    trouble(find("line-trouble"), t("notTaken"));
  }
  atEnd();
}

async function sayText() {
  const words = text.value.trim();
  if (!words) return;
  const about = quoting?.id;
  text.value = "";
  quoting = null;
  draw();
  grow();
  await tell("line/say", { user, text: words, ...(about ? { quoting: about } : {}) });
}

/** Once more takes it back. */
function quote(one) {
  quoting = quoting === one ? null : one;
  draw();
  text.focus();
}

function extra(kind) {
  showExtras(false);
  if (kind === "sticker") tell("line/say", { user, sticker: true });
  else if (kind === "place") tell("line/say", { user, location: { title: "文京区 千石 2丁目", address: "東京都文京区千石2-1-3" } });
  else find(`line-${kind}`).click();
}

async function upload(input) {
  const form = new FormData();
  form.append("user", user);
  form.append("file", input.files[0]);
  input.value = "";
  await tell("line/say", form);
}

const unsend = (one) => tell("line/unsend", { user, id: one.id });

async function block() {
  const me = people.find((one) => one.id === user);
  await tell("line/block", { user, blocked: me.following !== false });
  people = await ask("line/users");
  draw();
}

function showExtras(open) {
  find("line-extras").hidden = !open;
  find("line-more").setAttribute("aria-expanded", String(open));
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 110)}px`;
}
