/** The service worker that shows notifications. What it is sent was encrypted for this browser; it fetches nothing. */

self.addEventListener('push', (event) => {
  const { about, title, body, link, over } = event.data.json();
  // What waits no more takes the place of what was shown of it, without a sound.
  event.waitUntil(
    self.registration.showNotification(title, { tag: about, body, data: { link }, silent: over, renotify: !over }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { origin } = self.location;
  const link = new URL(event.notification.data?.link ?? '/', origin);
  // It leads to our own pages, whatever was sent.
  const href = link.origin === origin ? link.href : `${origin}/`;
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => {
      const open = windows.find((one) => one.url === href);
      return open === undefined ? self.clients.openWindow(href) : open.focus();
    }),
  );
});
