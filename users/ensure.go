package users

import (
	"context"
	"errors"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
	"encore.app/users/logto"
)

// EnsureParams are the parameters of Ensure.
type EnsureParams struct {
	// LogtoID is the person's id in Logto: the subject of their tokens.
	LogtoID string `trace:"the user id, which Encore notes of each call"`
	// Username, Email, Name and Picture are those of the token, nil where it
	// carries none. What can't be stored counts as not carried.
	Username, Email, Name, Picture *string `encore:"sensitive"`
	// IssuedAt is when the token was issued. Without it the profile is ignored.
	IssuedAt time.Time
}

// EnsureResponse is the answer of Ensure.
type EnsureResponse struct {
	// ID is the person's internal id. It is 0 for somebody without a row, which
	// only people who are locked out can be.
	ID int64
	// Suspended and Deleted say that the person is locked out, whatever their
	// token says.
	Suspended, Deleted bool
}

// Ensure makes sure that the person has a row, keeps its profile up to date with
// what the token says, and notes that they were seen, to the minute. For
// somebody who is locked out it changes nothing.
//
// A part of the profile that the token doesn't carry stays as it was. One that
// it does carry is taken if the token is newer than the profile that is held. A
// token says to the second, cut off, when it was issued, and counts as issued
// at the beginning of that second. So it never takes the place of a state that
// may be the newer one; in return a change within the second before it was
// issued is known with the next token, webhook or sync.
//
// It returns errs.Unavailable if the database can't be reached.
//
//encore:api private
func Ensure(ctx context.Context, p *EnsureParams) (*EnsureResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	profile := p.profile()

	// Nearly every call comes from somebody seen within the minute, with a token
	// seen before. Then there is nothing to write, and a SELECT is cheap.
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
		// Several instances may get here at once: one of them writes.
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

// ensureRow makes the row of somebody who has none, or brings its profile up to
// date. It sets resp.
func ensureRow(ctx context.Context, logtoID string, profile tokenProfile, resp *EnsureResponse) error {
	var isNew bool
	err := transact(ctx, func(tx *sqldb.Tx) error {
		if err := lockPeople(ctx, tx, logtoID); err != nil {
			return err
		}
		// Another call may have made or changed the row before this one got the lock.
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

// insertRow makes a person's row. If they deleted themselves here earlier and have
// been locked out since, it makes none.
func insertRow(ctx context.Context, tx *sqldb.Tx, logtoID string, profile tokenProfile) (resp EnsureResponse, err error) {
	// States from Logto that were old before are still old. The newest of them is
	// not, since its profile was deleted: hence the microsecond.
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

// updateProfile writes the token's profile over the one held. What the token
// doesn't carry stays.
func updateProfile(ctx context.Context, tx *sqldb.Tx, id int64, profile tokenProfile) error {
	_, err := tx.Exec(ctx, `
		UPDATE users SET updated_at = now()
		WHERE id = $1 AND (username, email, name, picture) IS DISTINCT FROM
			(COALESCE($2, username), COALESCE($3, email), COALESCE($4, name), COALESCE($5, picture))
	`, id, profile.username, profile.email, profile.name, profile.picture)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE users SET
			username = COALESCE($2, username), email = COALESCE($3, email),
			name = COALESCE($4, name), picture = COALESCE($5, picture),
			profile_at = $6, profile_claims = $7, last_seen_at = now()
		WHERE id = $1
	`, id, profile.username, profile.email, profile.name, profile.picture, profile.issuedAt, profile.claims)
	return err
}

// profileIsNewer is an expression for whether a token with a profile, issued at the
// time in the parameter, is newer than the profile of a row.
func profileIsNewer(issuedAt string) string {
	return `COALESCE(` + issuedAt + ` > GREATEST(profile_at, logto_updated_at, '-infinity'), FALSE)`
}

// tokenProfile is what a token says of the profile.
type tokenProfile struct {
	username, email, name, picture *string
	claims                         []string   // the columns it gives
	issuedAt                       *time.Time // nil if it gives none
}

func (p *EnsureParams) profile() (t tokenProfile) {
	if p.IssuedAt.IsZero() {
		return t
	}
	for _, c := range []struct {
		column   string
		to       **string
		value    *string
		maxChars int
	}{
		{"username", &t.username, p.Username, logto.MaxName},
		{"email", &t.email, p.Email, logto.MaxName},
		{"name", &t.name, p.Name, logto.MaxName},
		{"picture", &t.picture, p.Picture, logto.MaxPicture},
	} {
		if c.value != nil && *c.value != "" && logto.IsText(*c.value, c.maxChars) {
			*c.to = c.value
			t.claims = append(t.claims, c.column)
			t.issuedAt = &p.IssuedAt
		}
	}
	return t
}

// FindParams are the parameters of Find.
type FindParams struct {
	// LogtoID is the person's id in Logto.
	LogtoID string `trace:"the user id, which Encore notes of each call"`
}

// Find answers as Ensure, and makes and changes no row: it is for those who have
// a token for another API, which is no call to this application. The ID is 0 for
// somebody who has no row.
//
// It returns errs.Unavailable if the database can't be reached.
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
