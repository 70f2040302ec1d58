const meanings = new Map(
  Object.entries({
    alg: 'How it is signed.',
    typ: 'What it is: an access token (RFC 9068). An ID token would be refused.',
    kid: 'Which of Logto’s keys signed it.',
    jti: 'Its own id.',
    sub: 'Who you are at Logto. Your row in the database is found by it.',
    iat: 'When it was issued.',
    exp: 'When it expires. The page gets a new one by itself.',
    scope: 'What you may do: the permissions of your roles.',
    client_id: 'The application that asked for it: this page.',
    azp: 'The application that asked for it: this page.',
    iss: 'Who issued it. The API believes nobody else.',
    aud: 'The API it is made for. Others have to refuse it.',
    organization_id: 'The organization for which you ask.',
    roles: 'Your roles.',
  }),
);

/** What a claim or header of an access token means. */
export function meaningOf(name: string): string {
  return meanings.get(name) ?? 'Your Logto tenant adds it.';
}
