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
  takers(shown, form, look);
}

// A button with data-copy puts a text into a field.
function takers(within, form, after) {
  for (const button of within.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const field = form.elements[button.dataset.into];
      field.value = document.getElementById(button.dataset.copy).textContent;
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
