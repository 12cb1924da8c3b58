// Keeps a page up to date: a stream says what changed, never what it says, and the page
// is asked for again with the rights of its reader. Rows never move: new ones are
// counted, and shown when somebody wants them.

const box = document.querySelector('[data-follow]');
const said = box.querySelector('[role="status"]');
const again = box.querySelector('[data-again]');
const fresh = new Set();
let last = box.dataset.since, stream, waiting, asked = 0;

const tell = (text, show) => {
  if (said.textContent !== text) said.textContent = text;
  again.hidden = !show;
  box.hidden = false;
};

function open() {
  if (stream || document.hidden || box.dataset.off !== undefined) return;
  const from = new URLSearchParams({ topics: box.dataset.follow, since: last });
  stream = new EventSource(`/console/live?${from}`);
  stream.onopen = () => { again.hidden = fresh.size === 0; };
  stream.onmessage = (event) => { last = event.lastEventId; changed(event.data); };
  stream.addEventListener('at', (event) => { last = event.lastEventId; });
  stream.addEventListener('reload', (event) => { last = event.lastEventId; tell(box.dataset.changed, true); later(); });
  stream.addEventListener('end', () => { close(); tell(box.dataset.ended, true); });
  stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) { close(); tell(box.dataset.broken, true); } };
}

function close() {
  stream?.close();
  stream = undefined;
}

function changed(what) {
  const [kind, id] = what.split(' ');
  const known = document.getElementById(`row-${id}`);
  if (kind === box.dataset.list && !known && id > (box.dataset.newest ?? '')) {
    fresh.add(id);
    tell(fresh.size === 1 ? box.dataset.one : box.dataset.many.replace('#', fresh.size), true);
  } else if (known?.dataset.whole !== undefined) {
    tell(box.dataset.changed, true);
  }
  later();
}

// later asks for the page once for what happens in a second.
function later() {
  waiting ??= setTimeout(refresh, Math.max(200, asked + 1000 - Date.now()));
}

async function refresh() {
  waiting = undefined;
  asked = Date.now();
  document.dispatchEvent(new Event('relais:changed'));
  if (!document.querySelector('[data-fresh]')) return;
  try {
    const answer = await fetch(location.href, { headers: { 'Relais-Part': 'main' } });
    if (!answer.ok || answer.redirected) return;
    const now = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const old of document.querySelectorAll('[data-fresh]')) replace(old, now.getElementById(old.id));
  } catch { /* the next change asks again */ }
}

// replace keeps the focus, and leaves alone what somebody writes in.
function replace(old, now) {
  if (!now || old.innerHTML === now.innerHTML) return;
  const active = document.activeElement, inside = old.contains(active);
  if (inside && active.matches('input, textarea, select')) return;
  const at = inside && [...old.querySelectorAll('a, button, summary')].indexOf(active);
  old.replaceChildren(...now.childNodes);
  if (inside) old.querySelectorAll('a, button, summary')[at]?.focus();
}

again.hidden = box.dataset.off === undefined;
document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
addEventListener('pagehide', close);
addEventListener('pageshow', open);
open();
