// The console works without this file: it saves steps, and adds none.

document.querySelector('.problem')?.focus();

// A one-time link has its code behind the #, where no server's log sees it.
const link = document.querySelector('[data-from-fragment]');
if (link && location.hash.length > 1) {
  link.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  link.form.requestSubmit();
}

// Beside a form with data-preview stands what the gateway makes of it, kept up to date
// while somebody writes. The gateway counts, never this script.
for (const form of document.querySelectorAll('form[data-preview]')) {
  const shown = document.getElementById(form.dataset.preview);
  const announced = document.getElementById('announced');
  form.querySelector('[data-check]')?.setAttribute('hidden', '');
  let pause, speak, under;
  const look = async () => {
    const typed = new FormData(form);
    if (['to', 'text'].some((name) => typed.has(name) && !typed.get(name).trim())) return;
    typed.set('do', 'check');
    under?.abort();
    under = new AbortController();
    shown.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new URLSearchParams(typed), headers: { 'Relais-Part': 'preview' }, signal: under.signal,
      });
      if (!answer.ok || answer.redirected) return;
      shown.innerHTML = await answer.text();
      takers(shown, form, look);
      clearTimeout(speak);
      speak = setTimeout(() => { announced.textContent = shown.querySelector('strong, li')?.textContent ?? ''; }, 1000);
    } catch (error) {
      if (error.name !== 'AbortError') shown.textContent = '';
    } finally {
      shown.removeAttribute('aria-busy');
    }
  };
  form.addEventListener('input', () => { clearTimeout(pause); pause = setTimeout(look, 300); });
  takers(form, form, look);
  if (!form.contains(shown)) takers(shown, form, look);
}

// A button with data-copy puts the text of another element into a field; one with
// data-copy-text puts its own behind what was typed.
function takers(within, form, after) {
  for (const button of within.querySelectorAll('[data-copy], [data-copy-text]')) {
    button.hidden = false;
    button.addEventListener('click', event => {
      event.preventDefault();
      const field = form.elements[button.dataset.into], { copy, copyText } = button.dataset;
      const typed = copyText && field.value.trim() ? `${field.value.trimEnd()}\n` : '';
      field.value = copyText ? typed + copyText : document.getElementById(copy).textContent;
      field.focus();
      after();
    });
  }
}

// A button with data-print prints the page.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// What has data-refresh is kept up to date: its pieces by their id, and of a piece what
// has data-live, so that neither the focus nor what somebody types is lost. Forms within
// it that have data-stay are sent without leaving the page.
for (const kept of document.querySelectorAll('[data-refresh]')) {
  const told = document.getElementById(kept.dataset.status);
  const pause = document.querySelector(`[data-pause="${kept.id}"]`);
  let paused = false, under = false;
  const ask = async (address, options = {}) => {
    const answer = await fetch(address, { ...options, headers: { 'Relais-Part': kept.id } });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!answer.ok || !fresh.querySelector('[data-live]') || fresh.querySelector('main')) return false;
    let changed = false;
    for (const piece of [...fresh.body.children]) {
      const old = document.getElementById(piece.id);
      if (!old) {
        kept.append(piece);
        changed = true;
        continue;
      }
      const now = piece.querySelector('[data-live]'), before = old.querySelector('[data-live]');
      const form = old.querySelector('form[data-stay]');
      if (form) form.hidden = piece.querySelector('form[data-stay]').hidden;
      if (now.innerHTML === before.innerHTML) continue;
      before.replaceWith(now);
      changed = true;
    }
    if (changed && told) told.textContent = kept.dataset.news;
    return true;
  };
  if (document.querySelector('[data-follow]')) document.querySelector('[data-without-script]')?.remove();
  if (pause) {
    const [stop, goOn] = [pause.textContent, pause.dataset.goOn];
    pause.hidden = false;
    pause.addEventListener('click', () => {
      paused = !paused;
      pause.textContent = paused ? goOn : stop;
    });
  }
  const round = async () => {
    if (paused || under || document.hidden) return;
    under = true;
    if (told) told.textContent = '';
    try { await ask(kept.dataset.refresh); } catch { /* the next time */ } finally { under = false; }
  };
  // A telephone has a text a moment after the operator took it.
  document.addEventListener('relais:changed', () => { for (const wait of [0, 1500, 4000]) setTimeout(round, wait); });
  kept.addEventListener('submit', async event => {
    const form = event.target;
    if (!form.matches('[data-stay]')) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    let there = false;
    try { there = await ask(form.action, { method: 'POST', body }); } catch { /* the whole page is sent instead */ }
    if (there) return form.reset();
    form.removeAttribute('data-stay');
    form.requestSubmit(event.submitter);
  });
}

// A form with data-passkey asks the browser for a passkey, and sends what it signed. It is
// hidden where the browser knows none.
for (const form of document.querySelectorAll('[data-passkey]')) {
  const keys = window.PublicKeyCredential;
  if (!keys?.parseRequestOptionsFromJSON) continue;
  const { state, answer } = form.elements, why = form.querySelector('[role=alert]');
  form.hidden = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    why.textContent = '';
    try {
      const asked = await fetch(`${form.action}/ask`, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
      const told = await asked.json().catch(() => null);
      if (!told) return form.submit(); // the server wants something else first, and says so on a page
      if (told.why) return void (why.textContent = told.why);
      const key = form.dataset.passkey === 'make'
        ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(told.options) })
        : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(told.options) });
      state.value = told.state;
      answer.value = JSON.stringify(key);
      form.submit();
    } catch {
      why.textContent = form.dataset.failed;
    }
  });
}

// Keys of one letter, where the person has not turned them off: ? is help, / the search of
// the page, g and a letter a page, j and k the next row and the one before it. In a field
// they are letters.
if ('keys' in document.body.dataset) {
  const pages = { h: '', s: 'send', m: 'messages', d: 'held', i: 'inbox', a: 'audit', o: 'connectors' };
  let going = false;
  const row = step => {
    const rows = [...document.querySelectorAll('main tbody a[href]')];
    rows[Math.max(0, rows.indexOf(document.activeElement) + step)]?.focus();
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, textarea, select')) return;
    const path = going && event.key in pages && '/console/' + pages[event.key];
    going = event.key === 'g';
    if (path) document.querySelector(`nav a[href="${path}"]`)?.click();
    else if (event.key === '?') document.querySelector('nav a[href="/console/help"]')?.click();
    else if (event.key === '/') document.querySelector('[role=search] input:not([type=hidden])')?.focus();
    else if (event.key === 'j') row(1);
    else if (event.key === 'k') row(-1);
    else return;
    event.preventDefault();
  });
}

// Two minutes before a session ends the page says so, and asks whether to stay signed in.
// What somebody writes is theirs all the same: the server keeps what is sent too late.
for (const ending of document.querySelectorAll('[data-session]')) {
  const said = ending.querySelector('[role=alert]'), button = ending.querySelector('button'), ahead = 120;
  let timer;
  const say = text => { said.textContent = text; ending.classList.toggle('shown', text !== ''); };
  const wait = seconds => {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1, seconds) * 1000);
  };
  const ask = async method => {
    const answer = await fetch('/console/session', { method });
    return answer.redirected ? null : answer.json();
  };
  const look = async () => {
    try {
      const left = await ask('GET'), near = left && left.seconds <= ahead + 5;
      button.hidden = !near || !left.more;
      if (!left) return say(ending.dataset.ended);
      say(near ? ending.dataset[left.more ? 'soon' : 'last'] : '');
      wait(near ? left.seconds + 1 : left.seconds - ahead);
    } catch { wait(30); }
  };
  button.addEventListener('click', async () => {
    await ask('POST');
    look();
  });
  wait(ending.dataset.session - ahead);
}
