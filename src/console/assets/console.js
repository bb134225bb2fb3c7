/** What pages do with a script beside being live: keys, and times that count down. Without it everything works too. */

const typing = (target) => target.closest('input, textarea, select, [contenteditable]') !== null;
const rows = () => [...document.querySelectorAll('.row a')];

function move(by) {
  const links = rows();
  const at = links.indexOf(document.activeElement);
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
  links[next]?.focus();
}

/** To the first field that is still empty, or to the button. */
function enter(form) {
  const fields = [...(form?.querySelectorAll('input:not([hidden], [type=hidden])[required], textarea[required]') ?? [])];
  const field = fields.find(({ value }) => value === '') ?? form?.querySelector('button');
  field?.focus();
  field?.scrollIntoView({ block: 'center' });
}

function deny() {
  const part = document.querySelector('#deny');
  if (part === null) return;
  part.open = true;
  enter(part);
}

function back() {
  const inbox = document.querySelector('.crumb a');
  if (inbox !== null) location.assign(inbox.href);
}

const KEYS = new Map([
  ['j', { says: 'down', does: () => move(1) }],
  ['ArrowDown', { does: () => move(1), where: '.row' }],
  ['k', { says: 'up', does: () => move(-1) }],
  ['ArrowUp', { does: () => move(-1), where: '.row' }],
  ['Enter', { says: 'open' }],
  ['a', { says: 'approve: to its first field', does: () => enter(document.querySelector('#approve')) }],
  ['d', { says: 'deny: to the reason', does: deny }],
  ['Escape', { says: 'leave a field, then back to the inbox', does: back }],
  ['?', { says: 'these keys', does: keys }],
]);

function keys() {
  document.querySelector('#keys')?.remove();
  const dialog = document.createElement('dialog');
  dialog.id = 'keys';
  dialog.setAttribute('aria-label', 'Keys');
  const list = document.createElement('dl');
  list.className = 'facts';
  for (const [key, { says }] of KEYS) {
    if (says === undefined) continue;
    const [term, words] = [document.createElement('dt'), document.createElement('dd')];
    const shown = document.createElement('kbd');
    shown.textContent = key;
    term.append(shown);
    words.textContent = says;
    list.append(term, words);
  }
  dialog.append(list);
  document.body.append(dialog);
  dialog.addEventListener('click', () => dialog.close());
  dialog.showModal();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
  if (typing(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const { does, where } = KEYS.get(event.key) ?? {};
  if (does === undefined || (where !== undefined && document.querySelector(where) === null)) return;
  event.preventDefault();
  does();
});

/** By the element: what the server said was left, and when that was by this browser's steady clock. */
const told = new WeakMap();

const clock = (left) => {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const tail = `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
};

function tick() {
  let over = false;
  for (const element of document.querySelectorAll('[data-left]')) {
    const said = element.dataset.left;
    if (told.get(element)?.said !== said) told.set(element, { said, at: performance.now(), isOver: false });
    const known = told.get(element);
    const left = Number(said) - (performance.now() - known.at);
    const words = clock(left);
    if (element.textContent !== words) element.textContent = words;
    if (left <= 0 && !known.isOver) {
      known.isOver = true;
      over = true;
    }
  }
  // What lapses by the clock changes nothing in the ledger: nobody tells of it.
  if (over) document.body.dispatchEvent(new CustomEvent('news'));
}
setInterval(tick, 500);
tick();

// The answer to a form that was refused stands at the address of the form, where nothing can be fetched again.
const [, hold] = /^(\/holds\/[^/]+)\/(?:approve|deny)$/.exec(location.pathname) ?? [];
if (hold !== undefined) history.replaceState(null, '', hold);
document.querySelector('[role=alert]')?.scrollIntoView({ block: 'center' });
