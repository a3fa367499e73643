// Requests to the page's own server. A failed connection is an answer too: status 0.

const PATIENCE_MS = 15000;

export async function ask(method, path, body) {
  const found = await request(method, path, body);
  let json = null;
  if (found.text) {
    try {
      json = JSON.parse(found.text);
    } catch {
      return { ok: false, status: found.status, json: null }; // a proxy's own page, not our server
    }
  }
  return { ok: found.ok, status: found.status, json };
}

export async function askHtml(path) {
  return request("GET", path);
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
