/**
 * What a test delivery carries, word for word as Logto's.
 *
 * @param {string} hookId
 * @param {import('./webhooks.js').WebhookEvent} event
 */
export function testPayload(hookId, event) {
  const now = new Date();
  return {
    event,
    hookId,
    createdAt: now.toISOString(),
    userAgent: 'fake-user-agent',
    ...(event.startsWith('Post') ? interaction(now.getTime()) : dataChange),
  };
}

const dataChange = {
  path: '/fake-path/:id',
  method: 'POST',
  status: 200,
  params: { id: 'fake-id' },
  data: { result: 'success' },
};

/** @param {number} now */
const interaction = (now) => ({
  sessionId: 'fake-session-id',
  userIp: 'fake-user-ip',
  userId: 'fake-id',
  user: {
    id: 'fake-id',
    username: 'fake-user',
    primaryEmail: 'fake-user@fake-service.com',
    primaryPhone: '1234567890',
    name: 'Fake User',
    avatar: 'https://fake-service.com/avatars/fake-user.png',
    customData: { theme: 'light' },
    identities: { google: { userId: 'fake-google-user-id' } },
    profile: {},
    applicationId: 'fake-application-id',
    isSuspended: false,
    lastSignInAt: now,
    createdAt: now,
    updatedAt: now,
  },
  application: {
    id: 'fake-spa-application-id',
    type: 'SPA',
    name: 'Fake Application',
    description: 'Fake application data for testing',
  },
});
