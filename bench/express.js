import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';

// A protected endpoint, written as the middleware's documentation shows it.
const { ISSUER, JWKS_URI, AUDIENCE, PORT } = process.env;

const app = express();
app.get(
  '/api/hello',
  auth({ issuer: ISSUER, jwksUri: JWKS_URI, audience: AUDIENCE }),
  (request, response) => {
    response.json({ message: `Hello, ${request.auth?.payload.sub}!` });
  },
);
app.listen(Number(PORT), '127.0.0.1');
