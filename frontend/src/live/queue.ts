// Which list a ticket belongs to and where. Pure; mirrors what GET /tickets answers, so that live rows fall into place.
import type { TicketQuery, TicketRow } from "@/api";
import type { Queue } from "@/live/state";

const working = (row: TicketRow): boolean => row.status === "open" || row.status === "pending";

const views: Record<string, (row: TicketRow, query: TicketQuery, me: number) => boolean> = {
  mine: (row, _query, me) => working(row) && row.assignee_id === me,
  unassigned: (row) => working(row) && row.assignee_id === null,
  team: (row, query) => working(row) && row.team_id === query.team,
  open: (row) => working(row),
  approval: (row) => row.approval_since !== null,
  pending: (row) => row.status === "pending",
  snoozed: (row) => row.status === "snoozed",
  resolved: (row) => row.status === "resolved",
  closed: (row) => row.status === "closed",
  spam: (row) => row.status === "spam",
  all: () => true,
};

export function belongs(row: TicketRow, query: TicketQuery, me: number): boolean {
  if (!(views[query.view] ?? views.open)!(row, query, me)) return false;
  if (query.channel && row.channel !== query.channel) return false;
  if (query.team && row.team_id !== query.team) return false;
  if (query.status && row.status !== query.status) return false;
  if (query.priority && row.priority !== query.priority) return false;
  if (query.assignee && row.assignee_id !== query.assignee) return false;
  if (query.tag && !row.tags.includes(query.tag)) return false;
  if (query.person && row.person.id !== query.person) return false;
  if (!query.q) return true;
  const wanted = query.q.normalize("NFKC").toLowerCase().replace(/^#/, "");
  const words = `${row.subject} ${row.person.name}`.normalize("NFKC").toLowerCase();
  return words.includes(wanted) || String(row.number).startsWith(wanted);
}

const time = (value: string | null): number => (value === null ? Number.POSITIVE_INFINITY : Date.parse(value));

const byDue = (query: TicketQuery): boolean =>
  query.sort === "due" && ["open", "mine", "unassigned", "team"].includes(query.view);

/** Before zero: `a` stands above `b`. Due first, then what has no deadline; or the newest change first. */
export function compare(a: TicketRow, b: TicketRow, query: TicketQuery): number {
  if (byDue(query)) {
    const [x, y] = [time(a.due_at), time(b.due_at)];
    return x === y ? a.number - b.number : x - y;
  }
  return Date.parse(b.updated_at) - Date.parse(a.updated_at) || b.number - a.number;
}

function place(numbers: number[], row: TicketRow, queue: Queue, tickets: ReadonlyMap<number, TicketRow>): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = tickets.get(numbers[middle]!);
    if (other && compare(other, row, queue.query) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The list after these rows changed. Rows behind the last loaded one wait for their page. */
export function settle(queue: Queue, rows: TicketRow[], tickets: ReadonlyMap<number, TicketRow>): Queue {
  if (!rows.length) return queue;
  const touched = new Set(rows.map((row) => row.number));
  const before = new Set(queue.numbers);
  const numbers = queue.numbers.filter((number) => !touched.has(number));
  for (const row of rows) {
    if (!belongs(row, queue.query, queue.me)) continue;
    const at = place(numbers, row, queue, tickets);
    if (at < numbers.length || queue.complete || before.has(row.number)) numbers.splice(at, 0, row.number);
  }
  const same = numbers.length === queue.numbers.length && numbers.every((number, index) => number === queue.numbers[index]);
  return same ? queue : { ...queue, numbers };
}

/** A page put behind what is there; what came live in the meantime is not doubled. */
export function extend(queue: Queue, rows: TicketRow[], next: string | null): Queue {
  const known = new Set(queue.numbers);
  const fresh = rows.map((row) => row.number).filter((number) => !known.has(number));
  return { ...queue, numbers: [...queue.numbers, ...fresh], next, complete: next === null };
}
