// Requests to the page's own server. A failed connection is an answer too: status 0.

const PATIENCE_MS = 15000;

export async function ask(method, path, body) {
  const { ok, status, text } = await request(method, path, body), json = parsed(text);
  return { ok: ok && (json !== null || !text), status, json }; // a proxy's own page is no answer of our server
}

export async function askHtml(path) {
  const { ok, status, text } = await request("GET", path);
  return { ok, status, text, json: ok ? null : parsed(text) };
}

/** Our own server says that this browser has nothing here (any more); a proxy's error page says nothing. */
export function isGone({ status, json }) {
  return [401, 404, 410].includes(status) && typeof json?.error === "string";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function request(method, path, body) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  const headers = { "X-Classroom": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: stop.signal,
    });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch {
    return { ok: false, status: 0, text: "" };
  } finally {
    clearTimeout(timer);
  }
}
