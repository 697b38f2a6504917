// The customer's mailbox.

import { ask, clock, day, every, fill, find, first, make, moment, post, remember, remembered, trouble } from "./tools.js";
import { onLanguage, t } from "./words.js";

const who = find("mail-who");
const list = find("mail-list");
const sheet = find("mail-letter");
const form = find("mail-form");
let people = [];
let user = "";
let letters = [];
let opened = null;
let answering = "";
let shown = "list";
const seen = new Set(JSON.parse(remembered("mail-seen") || "[]"));
let ready = false;
let away = false; // the server was gone: it may count its mails anew

export async function begin(news) {
  people = await ask("mail/users");
  fill(who, people, first(people, remembered("mail"), (one) => one.key), (one) => one.key, (one) => one.name);
  user = who.value;
  who.addEventListener("change", () => change(who.value));
  find("mail-new").addEventListener("click", () => write("", ""));
  find("mail-cancel").addEventListener("click", () => show(opened ? "letter" : "list"));
  find("mail-files").addEventListener("change", chosen);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  onLanguage(draw);
  every(1300, () => poll(news));
}

function change(next) {
  user = next;
  remember("mail", user);
  letters = [];
  opened = null;
  ready = false;
  show("list");
}

async function poll(news) {
  const asked = user;
  const last = letters.at(-1)?.number ?? 0;
  const found = await ask(`mail/mailbox?user=${encodeURIComponent(asked)}&after=${away ? 0 : last}`).catch((error) => {
    away = true;
    throw error;
  });
  if (asked !== user) return;
  if (away) letters = [];
  if (away) ready = away = false;
  if (!ready) for (const one of found) seen.add(one.message_id);
  else if (found.some((one) => !one.outgoing)) news();
  const fresh = !ready;
  ready = true;
  if (!found.length && !fresh) return;
  letters.push(...found);
  draw();
}

function show(what) {
  shown = what;
  list.hidden = what !== "list";
  sheet.hidden = what !== "letter";
  form.hidden = what !== "write";
  document.querySelector("#mail .window > .mail-bar").hidden = what !== "list";
  draw();
}

function draw() {
  find("mail-address").textContent = people.find((one) => one.key === user)?.address ?? "";
  find("mail-subject").placeholder = t("subject");
  find("mail-subject").setAttribute("aria-label", t("subject"));
  find("mail-text").placeholder = t("mailHint");
  find("mail-text").setAttribute("aria-label", t("mailHint"));
  if (shown === "letter" && opened) sheet.replaceChildren(...letterOf(opened));
  const rows = [...letters].sort((a, b) => new Date(b.at) - new Date(a.at)).map(row);
  list.replaceChildren(...(rows.length ? rows : [make("li", { class: "empty", text: t("mailEmpty") })]));
}

const named = (from) => from.replace(/\s*<[^>]*>/, "").replace(/^"|"$/g, "") || from;

function row(one) {
  const fresh = !one.outgoing && !seen.has(one.message_id);
  const words = one.text.replace(/\s+/g, " ").slice(0, 80);
  const button = make(
    "button",
    { type: "button", class: fresh ? "fresh" : "", onclick: () => open(one) },
    make("span", { class: "from", text: one.outgoing ? `${t("me")} → 三河屋` : named(one.from) }),
    make("time", { text: moment(new Date(one.at)) }),
    make("b", { text: one.subject || t("noSubject") }),
    make("span", { class: "words", text: words }),
  );
  return make("li", {}, button);
}

function open(one) {
  opened = one;
  seen.add(one.message_id);
  remember("mail-seen", JSON.stringify([...seen].slice(-500)));
  show("letter");
}

function letterOf(one) {
  const when = new Date(one.at);
  const files = one.files.map((file, index) =>
    make("a", { class: "paper", href: `/demo/mail/file?user=${user}&number=${one.number}&index=${index}`, download: file.name, text: file.name }),
  );
  return [
    make(
      "div",
      { class: "mail-bar" },
      make("button", { type: "button", class: "ghost", text: t("back"), onclick: () => { opened = null; show("list"); } }),
      make("button", { type: "button", class: "solid", text: t("reply"), onclick: () => write(one.message_id, one.subject) }),
    ),
    make("h3", { text: one.subject || t("noSubject") }),
    make("p", { class: "meta", text: `${named(one.from)} · ${day(when)} ${clock(when)}` }),
    one.text || !one.html ? make("div", { class: "paragraphs", text: one.text.trim() }) : make("iframe", { sandbox: "", srcdoc: one.html, title: one.subject }),
    files.length ? make("p", { class: "papers" }, ...files) : "",
  ];
}

function write(to, subject) {
  answering = to;
  find("mail-subject").value = to ? (/^re:/i.test(subject) ? subject : `Re: ${subject}`) : "";
  find("mail-text").value = "";
  find("mail-files").value = "";
  trouble(find("mail-trouble"), "");
  chosen();
  show("write");
  find(to ? "mail-text" : "mail-subject").focus();
}

function chosen() {
  find("mail-chosen").textContent = [...find("mail-files").files].map((file) => file.name).join(", ");
}

async function send() {
  const body = new FormData();
  body.append("user", user);
  body.append("subject", find("mail-subject").value);
  body.append("text", find("mail-text").value);
  body.append("in_reply_to", answering);
  if (find("mail-jis").checked) body.append("charset", "iso-2022-jp");
  for (const file of find("mail-files").files) body.append("file", file);
  find("mail-send").disabled = true;
  try {
    await post("mail/send", body);
    opened = null;
    show("list");
  } catch {
    trouble(find("mail-trouble"), t("notTaken"));
  } finally {
    find("mail-send").disabled = false;
  }
}
