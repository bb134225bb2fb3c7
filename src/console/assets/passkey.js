/** Passkeys, where the browser has them: a button beside each answer, and the form that makes one. The passphrase works without any of it. */

const { browserSupportsWebAuthn, startAuthentication, startRegistration } = globalThis.SimpleWebAuthnBrowser ?? {};

/** What the server answers, or an error in its own words. */
async function send(path, csrf, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.detail}.`);
  return answer;
}

/** The browser asks its person. */
async function asked({ challenge, options }) {
  return { challenge, response: await startAuthentication({ optionsJSON: options }) };
}

const field = (form, name) => form.elements.namedItem(name)?.value.trim() ?? '';

function tell(form, words, isBad) {
  let line = form.querySelector('.told');
  if (line === null) {
    line = document.createElement('p');
    form.append(line);
  }
  line.className = `told notice${isBad ? ' bad' : ''}`;
  line.setAttribute('role', isBad ? 'alert' : 'status');
  line.textContent = words;
}

const WORDS = { NotAllowedError: 'The passkey was not used, or the browser has none for this.' };

/** One ceremony at a time: the button rests until it is over. */
async function during(form, button, words, act) {
  button.disabled = true;
  tell(form, words, false);
  try {
    await act();
  } catch (error) {
    tell(form, WORDS[error.name] ?? error.message, true);
  } finally {
    button.disabled = false;
  }
}

function buttonOf(form, words, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'passkey';
  button.textContent = words;
  button.addEventListener('click', () => during(form, button, 'Waiting for your passkey…', act));
  return button;
}

/** What was typed is there, the passphrase aside where it is not asked for. */
const isFilled = (form) =>
  [...form.elements].every((one) => (one.name === 'passphrase' && form.dataset.proof !== 'both') || one.reportValidity());

async function answer(form) {
  if (!isFilled(form)) return form.querySelector('.told')?.remove();
  const { hold, verdict } = form.dataset;
  const csrf = field(form, 'csrf');
  const because = field(form, 'because');
  const extend = [...form.elements]
    .filter(({ name, value }) => name.startsWith('extend.') && value.trim() !== '')
    .map(({ name, value }) => `${name.slice('extend.'.length)}=${value.trim()}`);
  const said = { ...(because !== '' && { because }), ...(extend.length > 0 && { extend }) };
  const passkey = await asked(await send(`/api/holds/${hold}/challenge`, csrf, { verdict, ...said }));
  const passphrase = form.elements.namedItem('passphrase')?.value ?? '';
  const proof = { passkey, ...(form.dataset.proof === 'both' && { passphrase }) };
  await send(`/api/holds/${hold}/${verdict}`, csrf, { ...said, ...proof });
  location.assign(`/holds/${hold}`);
}

const ANSWER = { approve: 'Approve with a passkey', deny: 'Deny with a passkey' };

function beside(form) {
  const submit = form.querySelector('button:not([type=button])');
  const words = ANSWER[form.dataset.verdict];
  // Where only both prove it, or a passkey alone, the button that sends a passphrase would only be refused.
  if (form.dataset.proof === 'both' || form.dataset.proof === 'passkey') submit.hidden = true;
  const button = buttonOf(form, form.dataset.proof === 'both' ? 'Approve with both' : words, () => answer(form));
  if (submit.hidden) {
    button.classList.add('primary');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      button.click();
    });
  }
  submit.after(button);
}

/** Makes one here, and has it enrolled by what the form says: the passphrase, or a passkey that was there before. */
async function enrol(form, withPasskey) {
  const [csrf, label] = [field(form, 'csrf'), form.elements.namedItem('label')];
  if (!label.reportValidity()) return form.querySelector('.told')?.remove();
  const { challenge, options } = await send('/api/passkeys/options', csrf, {});
  const response = await startRegistration({ optionsJSON: options });
  const offered = await send('/api/passkeys/offers', csrf, { challenge, response, label: label.value.trim() });
  const passphrase = form.elements.namedItem('passphrase').value;
  const proof = withPasskey ? { passkey: await asked(offered.challenge) } : { passphrase };
  await send('/api/passkeys', csrf, { offer: offered.offer, ...proof });
  location.assign('/passkeys');
}

function enrolling(form, hasSome) {
  const submit = form.querySelector('button');
  submit.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    during(form, submit, 'Waiting for the new passkey…', () => enrol(form, false));
  });
  if (hasSome) submit.after(buttonOf(form, 'Add it with a passkey of yours', () => enrol(form, true)));
}

/** With a passkey that is there, instead of the passphrase. */
async function remove(form) {
  const { id } = form.dataset;
  const csrf = field(form, 'csrf');
  const passkey = await asked(await send(`/api/passkeys/${id}/challenge`, csrf, {}));
  await send(`/api/passkeys/${id}/remove`, csrf, { passkey });
  location.assign('/passkeys');
}

async function start() {
  const forms = [...document.querySelectorAll('form[data-passkey]')];
  if (forms.length === 0) return;
  const { origin, passkeys } = await (await fetch('/api/passkeys')).json();
  if (origin !== location.origin) return;
  const isThere = browserSupportsWebAuthn?.() === true;
  const hasSome = passkeys?.some((one) => one.origin === origin) === true;
  for (const form of isThere ? forms : []) {
    if (form.dataset.passkey === 'enrol') enrolling(form, hasSome);
    else if (hasSome && form.dataset.passkey === 'hold') beside(form);
    else if (hasSome) form.querySelector('button').after(buttonOf(form, 'Remove with a passkey', () => remove(form)));
  }
}
await start();
