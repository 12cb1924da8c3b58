// What the pages of the manual gain with scripts: a button that copies a program, and the
// forms that try an operation in the sandbox. Everything else works without.
const words = document.body.dataset;

for (const code of document.querySelectorAll(".code")) code.append(copyButton(code));

function copyButton(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = words.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.querySelector("code").textContent);
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  return button;
}

for (const place of document.querySelectorAll(".try")) {
  place.hidden = false;
  const form = place.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(place, form);
  });
}

// request is what a form asks for.
function request(place, form) {
  let path = place.dataset.path;
  const query = new URLSearchParams();
  const headers = { Authorization: "Bearer " + form.elements.key.value };
  for (const field of form.querySelectorAll("[data-in]")) {
    const value = field.value.trim();
    if (field.dataset.in === "path") path = path.replace("{" + field.name + "}", encodeURIComponent(value));
    else if (value !== "" && field.dataset.in === "query") query.set(field.name, value);
    else if (value !== "") headers[field.name] = value;
  }
  const body = form.elements.body?.value;
  if (body !== undefined) headers["Content-Type"] = form.dataset.type;
  const search = query.size > 0 ? "?" + query : "";
  return [path + search, { method: place.dataset.method, headers, body, referrerPolicy: "no-referrer" }];
}

async function ask(place, form) {
  const result = place.querySelector(".result");
  result.replaceChildren(line("p", words.waiting));
  try {
    const answer = await fetch(...request(place, form));
    const text = await answer.text();
    show(result, answer, text);
    remember(text);
  } catch {
    result.replaceChildren(line("p", words.unreached));
  }
}

function show(result, answer, text) {
  const status = line("p", "");
  status.append(line("span", answer.status + " " + answer.statusText, "pill " + (answer.ok ? "good" : "bad")));
  const headers = [...answer.headers].map(([name, value]) => name + ": " + value).join("\n");
  result.replaceChildren(status, block(words.headers, headers));
  if (text !== "") result.append(block(answer.headers.get("Content-Type") ?? "", pretty(text)));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function line(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function block(name, text) {
  const made = line("pre", "", "code reply");
  made.tabIndex = 0;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  made.append(line("code", text));
  return made;
}

// remember puts the id of an answer where other forms of the page ask for one.
function remember(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    return;
  }
  const id = answer.id ?? answer.messages?.[0]?.id ?? answer.items?.[0]?.id;
  if (typeof id !== "string") return;
  for (const field of document.querySelectorAll('.try [name="id"]')) if (field.value === "") field.value = id;
}
