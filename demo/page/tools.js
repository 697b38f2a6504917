// What the devices share: building elements, asking the servers, telling the time.

import { current } from "./words.js";

export const find = (id) => document.getElementById(id);

export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export async function ask(path) {
  const answer = await fetch(`/demo/${path}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const options = form ? { method: "POST", body } : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await fetch(`/demo/${path}`, options);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Runs again and again, each time after the last has ended; slower while the page is hidden or the server is away. */
export function every(milliseconds, work) {
  async function turn() {
    let pause = document.hidden ? milliseconds * 4 : milliseconds;
    try {
      await work();
      document.body.classList.remove("offline");
    } catch (error) {
      if (error instanceof ReferenceError || (error instanceof TypeError && !/fetch|load/i.test(error.message))) console.error(error);
      document.body.classList.add("offline");
      pause = 3000;
    }
    setTimeout(turn, pause);
  }
  turn();
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const sameDay = (a, b) => a.toDateString() === b.toDateString();

export function clock(when) {
  return new Intl.DateTimeFormat(current(), { hour: "2-digit", minute: "2-digit" }).format(when);
}

export function day(when) {
  if (sameDay(when, new Date())) return capital(new Intl.RelativeTimeFormat(current(), { numeric: "auto" }).format(0, "day"));
  return new Intl.DateTimeFormat(current(), { month: "short", day: "numeric", weekday: "short" }).format(when);
}

export const moment = (when) => (sameDay(when, new Date()) ? clock(when) : new Intl.DateTimeFormat(current(), { month: "numeric", day: "numeric" }).format(when));

export function fill(select, people, chosen, value, name) {
  select.replaceChildren(...people.map((one) => make("option", { value: value(one), text: name(one) })));
  if (people.some((one) => value(one) === chosen)) select.value = chosen;
}

/** Who is played at first: the one chosen before, else the first who speaks the page's language. */
export const first = (people, chosen, value) => (people.some((one) => value(one) === chosen) ? chosen : value(people.find((one) => one.language === current()) ?? people[0]));

/** Where a person looks: at the end, unless they scrolled back. */
export function keepAtEnd(box, change) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  change();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

export function remembered(name) {
  return sessionStorage.getItem(`demo:${name}`);
}

export function remember(name, value) {
  sessionStorage.setItem(`demo:${name}`, value);
}

export function trouble(node, text) {
  node.textContent = text;
  node.hidden = !text;
}
