-- The identity provider that people sign in with, as reported by the service auth, in
-- at most one row.
CREATE TABLE identity_provider (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    jwks_uri TEXT NOT NULL,
    told_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
