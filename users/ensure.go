package users

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"encore.dev/storage/sqldb"

	"encore.app/internal/fault"
)

// EnsureParams are the parameters of Ensure.
type EnsureParams struct {
	// LogtoID is the person's id in Logto: the subject of their tokens.
	LogtoID string
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
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()

	profile := p.profile()
	var issuedAt *time.Time // null is newer than nothing
	if profile.claims != nil {
		issuedAt = &p.IssuedAt
	}

	// Nearly every call comes from somebody seen within the minute with a token
	// seen before. Nothing is to be written for them, and a plain SELECT costs a
	// third of a statement that could.
	var resp EnsureResponse
	var due bool
	err := db.QueryRow(ctx, `
		SELECT id, suspended, deleted_at IS NOT NULL, NOT suspended AND deleted_at IS NULL AND (
			last_seen_at IS NULL OR last_seen_at < now() - INTERVAL '1 minute' OR
			COALESCE($2 > GREATEST(profile_at, logto_updated_at, '-infinity'), FALSE))
		FROM users WHERE logto_id = $1
	`, p.LogtoID, issuedAt).Scan(&resp.ID, &resp.Suspended, &resp.Deleted, &due)
	if err == nil && !due {
		return &resp, nil
	} else if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return nil, fault.Database(ctx, "ensure user", err)
	}

	// Only a new person draws an id, so that the ids have no needless gaps. The
	// row may change between being read and being written, so what must still
	// hold is asked again there.
	var created bool
	err = db.QueryRow(ctx, `
		WITH known AS (
			SELECT id, suspended, deleted_at IS NOT NULL AS deleted,
				last_seen_at IS NULL OR last_seen_at < now() - INTERVAL '1 minute' AS stale,
				$6 > GREATEST(profile_at, logto_updated_at, '-infinity') AS newer
			FROM users WHERE logto_id = $1
		), back AS (
			-- Somebody who was forgotten and calls again.
			SELECT suspended, deleted_at IS NOT NULL AS deleted, logto_updated_at, forgotten_at
			FROM forgotten WHERE logto_id = $1 AND NOT EXISTS (SELECT FROM known)
			FOR UPDATE
		), profiled AS (
			UPDATE users SET
				username = COALESCE($2, username), email = COALESCE($3, email),
				name = COALESCE($4, name), picture = COALESCE($5, picture),
				profile_at = $6, profile_claims = $7, last_seen_at = now(),
				updated_at = CASE WHEN (username, email, name, picture) IS DISTINCT FROM
					(COALESCE($2, username), COALESCE($3, email), COALESCE($4, name), COALESCE($5, picture))
					THEN now() ELSE updated_at END
			WHERE id = (SELECT id FROM known WHERE newer AND NOT suspended AND NOT deleted)
				AND deleted_at IS NULL AND $6 > GREATEST(profile_at, logto_updated_at, '-infinity')
		), seen AS (
			UPDATE users SET last_seen_at = now()
			WHERE id = (SELECT id FROM known WHERE stale AND newer IS NOT TRUE AND NOT suspended AND NOT deleted)
				AND deleted_at IS NULL
		), remembered AS (
			DELETE FROM forgotten
			WHERE logto_id = $1 AND EXISTS (SELECT FROM back WHERE NOT suspended AND NOT deleted)
		), created AS (
			INSERT INTO users (logto_id, username, email, name, picture, profile_at, profile_claims, last_seen_at, logto_updated_at, forgotten_at)
			-- Older news stays older. But the state of that very time, in
			-- milliseconds, is news: what it said of the profile was forgotten.
			SELECT $1, $2, $3, $4, $5, $6, $7, now(), (SELECT logto_updated_at - INTERVAL '1 microsecond' FROM back),
				(SELECT forgotten_at FROM back)
			WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM back WHERE suspended OR deleted)
			ON CONFLICT (logto_id) DO UPDATE SET last_seen_at = now()
			RETURNING id, suspended, deleted_at IS NOT NULL AS deleted, xmax = 0 AS inserted
		)
		SELECT id, suspended, deleted, FALSE FROM known
		UNION ALL SELECT 0, suspended, deleted, FALSE FROM back WHERE suspended OR deleted
		UNION ALL SELECT id, suspended, deleted, inserted FROM created
	`, p.LogtoID, profile.username, profile.email, profile.name, profile.picture, issuedAt, profile.claims).
		Scan(&resp.ID, &resp.Suspended, &resp.Deleted, &created)
	if err != nil {
		return nil, fault.Database(ctx, "ensure user", err)
	}
	if created && profile.claims == nil {
		meet(p.LogtoID)
	}
	return &resp, nil
}

// tokenProfile is what a token says of the profile.
type tokenProfile struct {
	username, email, name, picture *string
	claims                         []string // the columns it gives
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
		{"username", &t.username, p.Username, maxName},
		{"email", &t.email, p.Email, maxName},
		{"name", &t.name, p.Name, maxName},
		{"picture", &t.picture, p.Picture, maxPicture},
	} {
		if c.value != nil && *c.value != "" && storable(*c.value, c.maxChars) {
			*c.to = c.value
			t.claims = append(t.claims, c.column)
		}
	}
	return t
}

// The longest values that are stored, in characters: Logto's own limits, or above.
const (
	maxName    = 256 // username, e-mail, phone and name
	maxPicture = 2048
)

// storable reports whether the value is a text for Postgres, and not too long.
func storable(value string, maxChars int) bool {
	return len(value) <= utf8.UTFMax*maxChars && utf8.ValidString(value) &&
		utf8.RuneCountInString(value) <= maxChars && !strings.ContainsRune(value, 0)
}
