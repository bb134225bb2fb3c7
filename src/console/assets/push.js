/** The button by which a person lets this browser be told. It is hidden where the browser or the gateway cannot. */
const part = document.querySelector('[data-push]');
const button = part?.querySelector('button');
const words = part?.querySelector('[role=status]');
const csrf = document.querySelector('input[name=csrf]')?.value ?? '';

const ask = async (path, body) => {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
  const answer = await fetch(path, body && { method: 'POST', headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
};

const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

/** Only the two members that the gateway takes. */
const addressOf = (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
};

const isFor = (subscription, key) =>
  String(new Uint8Array(subscription.options.applicationServerKey ?? [])) === String(bytesOf(key));

const show = (isTold) => {
  button.textContent = isTold ? 'Do not tell me in this browser' : 'Tell me in this browser';
  button.setAttribute('aria-pressed', String(isTold));
  part.hidden = false;
};

const open = async () => {
  const { key } = await ask('/api/push');
  if (key === null) return;
  const { pushManager } = await navigator.serviceWorker.register(part.dataset.push);
  let subscription = await pushManager.getSubscription();
  if (subscription !== null && !isFor(subscription, key)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  // Thirty days anew: who does not come by for so long is told no more.
  if (subscription !== null) await ask('/api/push', addressOf(subscription));
  show(subscription !== null);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      if (subscription === null) {
        subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
        await ask('/api/push', addressOf(subscription));
        words.textContent = 'This browser is told when a call waits.';
      } else {
        await ask('/api/push/end', { endpoint: subscription.endpoint });
        await subscription.unsubscribe();
        subscription = null;
        words.textContent = 'This browser is told no more.';
      }
      show(subscription !== null);
    } catch (fault) {
      words.textContent =
        Notification.permission === 'denied' ? 'This browser blocks notifications of this page.' : fault.message;
    }
    button.disabled = false;
  });
};

// Who may answer nothing is told nothing: the gateway says so, and the button stays away.
if (part && 'serviceWorker' in navigator && 'PushManager' in globalThis) open().catch(() => undefined);
