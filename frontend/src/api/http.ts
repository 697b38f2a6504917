// One way to ask the server. Errors become `Problem`, whose code the catalogues translate.

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string = "",
    readonly params: Record<string, unknown> = {},
  ) {
    super(code);
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;
const root = "/api/v1";
let signedOut: () => void = () => undefined;

/** Called once, when any request finds that the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return root + path + (text ? `?${text}` : "");
}

export function toProblem(status: number, body: unknown): Problem {
  const given = (body && typeof body === "object" ? body : {}) as Record<string, unknown>;
  const code = typeof given.code === "string" ? given.code : status === 0 ? "offline" : `http_${status}`;
  return new Problem(status, code, typeof given.detail === "string" ? given.detail : "", given);
}

async function answerOf<T>(answer: Response): Promise<T> {
  const type = answer.headers.get("content-type") ?? "";
  const body: unknown = type.includes("json") ? await answer.json().catch(() => null) : null;
  if (answer.ok) return body as T;
  const problem = toProblem(answer.status, body);
  if (answer.status === 401 && problem.code !== "wrong_credentials") signedOut();
  throw problem;
}

export async function ask<T>(method: string, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal; keepalive?: boolean } = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-mikawaya"] = "1";
  if (options.body !== undefined) headers["content-type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(address(path, options.query), {
      method,
      headers,
      credentials: "same-origin",
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      keepalive: options.keepalive,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline");
  }
  return answerOf<T>(answer);
}

/** `fetch` cannot tell how much has gone up; XMLHttpRequest can. */
export function upload<T>(path: string, file: File, progress: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", root + path);
    request.setRequestHeader("x-mikawaya", "1");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Problem(0, "offline"));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onload = () =>
      request.status < 300 ? resolve(request.response as T) : reject(toProblem(request.status, request.response));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
