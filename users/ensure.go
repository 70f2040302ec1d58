package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
	"encore.app/users/logto"
)

type EnsureParams struct {
	LogtoID string `trace:"the user id, which Encore records for every call"`
	// The token's claims, or nil. Values that can't be stored are ignored.
	Username, Email, Name, Picture *string `encore:"sensitive"`
	// IssuedAt is when the token was issued. If zero, the profile is ignored.
	IssuedAt time.Time
}

// EnsureResponse is the response of Ensure and Find.
type EnsureResponse struct {
	// ID is the internal id, or 0 if the person has no row.
	ID int64
	// Suspended and Deleted people must not get in, even with a valid token.
	Suspended, Deleted bool
}

// Ensure creates the person's row if there is none, updates its profile from a newer
// token, and updates last_seen_at at most once per minute. It changes nothing for a
// suspended or deleted person. It returns errs.Unavailable if the database can't be
// reached.
//
// Claims that the token lacks stay unchanged in the row. IssuedAt has whole seconds,
// rounded down, so a token never overwrites a later change of the same second.
//
//encore:api private
func Ensure(ctx context.Context, p *EnsureParams) (*EnsureResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	profile := p.profile()

	// Most calls have nothing to write, so try a SELECT first.
	var resp EnsureResponse
	var seen, newer bool
	err := db.QueryRow(ctx, `
		SELECT id, suspended, deleted_at IS NOT NULL,
			COALESCE(last_seen_at > now() - INTERVAL '1 minute', FALSE), `+profileIsNewer("$2")+`
		FROM users WHERE logto_id = $1
	`, p.LogtoID, profile.issuedAt).Scan(&resp.ID, &resp.Suspended, &resp.Deleted, &seen, &newer)
	switch {
	case err == nil && (resp.Suspended || resp.Deleted):
	case errors.Is(err, sqldb.ErrNoRows) || (err == nil && newer):
		err = ensureRow(ctx, p.LogtoID, profile, &resp)
	case err == nil && !seen:
		// The condition is checked again, since another instance may have written.
		_, err = db.Exec(ctx, `
			UPDATE users SET last_seen_at = now()
			WHERE id = $1 AND NOT suspended AND deleted_at IS NULL
				AND COALESCE(last_seen_at < now() - INTERVAL '1 minute', TRUE)
		`, resp.ID)
	}
	if err != nil {
		return nil, fault.Database(ctx, "ensure user", err)
	}
	return &resp, nil
}

func ensureRow(ctx context.Context, logtoID string, profile tokenProfile, resp *EnsureResponse) error {
	var isNew bool
	err := transact(ctx, func(tx *sqldb.Tx) error {
		if err := lockPeople(ctx, tx, logtoID); err != nil {
			return err
		}
		// Another call may have written the row before this one got the lock.
		var newer bool
		err := tx.QueryRow(ctx, `
			SELECT id, suspended, deleted_at IS NOT NULL, `+profileIsNewer("$2")+` FROM users WHERE logto_id = $1
		`, logtoID, profile.issuedAt).Scan(&resp.ID, &resp.Suspended, &resp.Deleted, &newer)
		switch {
		case errors.Is(err, sqldb.ErrNoRows):
			*resp, err = insertRow(ctx, tx, logtoID, profile)
			isNew = err == nil && resp.ID != 0
		case err == nil && newer && !resp.Suspended && !resp.Deleted:
			err = updateProfile(ctx, tx, resp.ID, profile)
		}
		return err
	}, func() {})
	if err == nil && isNew && profile.claims == nil {
		queueNewcomer(logtoID)
	}
	return err
}

// insertRow creates a person's row, unless they deleted themselves earlier and were
// then suspended or deleted in Logto.
func insertRow(ctx context.Context, tx *sqldb.Tx, logtoID string, profile tokenProfile) (resp EnsureResponse, err error) {
	// States older than the last one applied are still ignored. The last one itself is
	// accepted again, because its profile was deleted: hence the microsecond.
	var stateAt, forgottenAt *time.Time
	err = tx.QueryRow(ctx, `
		SELECT suspended, deleted_at IS NOT NULL, logto_updated_at - INTERVAL '1 microsecond', forgotten_at
		FROM forgotten WHERE logto_id = $1
	`, logtoID).Scan(&resp.Suspended, &resp.Deleted, &stateAt, &forgottenAt)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) || resp.Suspended || resp.Deleted {
		return resp, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM forgotten WHERE logto_id = $1`, logtoID); err != nil {
		return resp, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO users (logto_id, username, email, name, picture, profile_at, profile_claims, last_seen_at, logto_updated_at, forgotten_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, now(), $8, $9)
		RETURNING id
	`, logtoID, profile.username, profile.email, profile.name, profile.picture, profile.issuedAt, profile.claims, stateAt, forgottenAt).
		Scan(&resp.ID)
	return resp, err
}

func updateProfile(ctx context.Context, tx *sqldb.Tx, id int64, profile tokenProfile) error {
	_, err := tx.Exec(ctx, `
		UPDATE users SET
			username = COALESCE($2, username), email = COALESCE($3, email),
			name = COALESCE($4, name), picture = COALESCE($5, picture),
			profile_at = $6, profile_claims = $7, last_seen_at = now(),
			updated_at = CASE WHEN (username, email, name, picture) IS DISTINCT FROM
				(COALESCE($2, username), COALESCE($3, email), COALESCE($4, name), COALESCE($5, picture))
				THEN now() ELSE updated_at END
		WHERE id = $1
	`, id, profile.username, profile.email, profile.name, profile.picture, profile.issuedAt, profile.claims)
	return err
}

// profileIsNewer returns an SQL condition: a token issued at the time in the
// parameter is newer than the row's profile. It is false if that time is null.
func profileIsNewer(issuedAt string) string {
	return `COALESCE(` + issuedAt + ` > GREATEST(profile_at, logto_updated_at, '-infinity'), FALSE)`
}

type tokenProfile struct {
	username, email, name, picture *string
	claims                         []string   // the columns it sets
	issuedAt                       *time.Time // nil if it sets none
}

func (p *EnsureParams) profile() (t tokenProfile) {
	if p.IssuedAt.IsZero() {
		return t
	}
	for _, c := range []struct {
		column   string
		dest     **string
		value    *string
		maxChars int
	}{
		{"username", &t.username, p.Username, logto.MaxName},
		{"email", &t.email, p.Email, logto.MaxName},
		{"name", &t.name, p.Name, logto.MaxName},
		{"picture", &t.picture, p.Picture, logto.MaxPicture},
	} {
		if c.value != nil && *c.value != "" && logto.IsText(*c.value, c.maxChars) {
			*c.dest = c.value
			t.claims = append(t.claims, c.column)
			t.issuedAt = &p.IssuedAt
		}
	}
	return t
}

type FindParams struct {
	LogtoID string `trace:"the user id, which Encore records for every call"`
}

// Find is like Ensure but writes nothing. It is for tokens issued for another API, which
// are not calls to this application.
//
//encore:api private
func Find(ctx context.Context, p *FindParams) (*EnsureResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	resp := new(EnsureResponse)
	err := db.QueryRow(ctx, `
		SELECT id, suspended, deleted_at IS NOT NULL FROM users WHERE logto_id = $1
		UNION ALL
		SELECT 0, suspended, deleted_at IS NOT NULL FROM forgotten WHERE logto_id = $1
		LIMIT 1
	`, p.LogtoID).Scan(&resp.ID, &resp.Suspended, &resp.Deleted)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return nil, fault.Database(ctx, "find user", err)
	}
	return resp, nil
}
