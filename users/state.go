package users

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"encore.dev/storage/sqldb"

	"encore.app/users/logto"
)

// applied is what became of states.
type applied struct {
	ids       []int64  // of the people's rows
	forgotten []string // the Logto ids of those who are forgotten, and have none
	changed   []string // the Logto ids of those of whom something changed
}

// apply makes the people's rows follow their states. A state that is not newer
// than the one held is ignored. News of somebody unknown makes a row for them,
// last seen never; of somebody who is forgotten only the lock-out is kept; and
// somebody deleted stays as they are.
//
// Part of the profile may be held from a token, which carries that part as of
// the second it was issued in. It stays if that is after the state's last change.
//
// asOf, if not nil, is a time at which the states certainly were the current
// ones. Whatever is held from before then gives way, even if it claims to be
// newer: Logto's times of two changes at once need not be in the order of these.
func apply(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time) (*applied, error) {
	if err := lockPeople(ctx, tx, logtoIDs(states)...); err != nil {
		return nil, err
	}
	a, rest := &applied{}, states
	for _, step := range []func(context.Context, *sqldb.Tx, []logto.State, *time.Time) ([]logto.State, error){
		a.update, a.updateForgotten, a.insert,
	} {
		var err error
		if rest, err = step(ctx, tx, rest, asOf); err != nil || len(rest) == 0 {
			return a, err
		}
	}
	return nil, errors.New("people who have no row can't be given one")
}

// statesTable is the states as a table s, from the parameters that arrays makes.
const statesTable = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[])
	AS s (logto_id, username, email, phone, name, picture, suspended, updated_at)`

func arrays(states []logto.State, more ...any) []any {
	column := func(value func(logto.State) *string) (values []*string) {
		for _, s := range states {
			values = append(values, value(s))
		}
		return values
	}
	var suspended []bool
	var updatedAt []time.Time
	for _, s := range states {
		suspended = append(suspended, s.Suspended)
		updatedAt = append(updatedAt, s.UpdatedAt)
	}
	return append([]any{
		logtoIDs(states),
		column(func(s logto.State) *string { return s.Username }),
		column(func(s logto.State) *string { return s.Email }),
		column(func(s logto.State) *string { return s.Phone }),
		column(func(s logto.State) *string { return s.Name }),
		column(func(s logto.State) *string { return s.Picture }),
		suspended, updatedAt,
	}, more...)
}

func logtoIDs(states []logto.State) []string {
	ids := make([]string, len(states))
	for i, s := range states {
		ids[i] = s.ID
	}
	return ids
}

// Parts of the statements, where u is a row of users or forgotten, s its state
// and $9 is asOf.
const (
	newer    = `(s.updated_at > COALESCE(u.logto_updated_at, '-infinity'))`
	givesWay = `COALESCE(u.logto_updated_at < $9, FALSE)`
)

// kept is an expression for a column of the profile after the update.
func kept(column string) string {
	return `CASE WHEN u.profile_at > s.updated_at AND (u.profile_at < $9) IS NOT TRUE AND '` + column + `' = ANY (u.profile_claims)
		THEN u.` + column + ` ELSE s.` + column + ` END`
}

var (
	profileAfter = strings.Join([]string{kept("username"), kept("email"), "s.phone", kept("name"), kept("picture"), "s.suspended"}, ", ")
	differs      = `((u.username, u.email, u.phone, u.name, u.picture, u.suspended) IS DISTINCT FROM (` + profileAfter + `))`
	isDue        = `(u.deleted_at IS NULL AND (` + newer + ` OR ` + givesWay + ` AND ` + differs + `))`

	findUsers = `
		SELECT u.id, u.logto_id, ` + isDue + ` AND ` + differs + `
		FROM users u JOIN ` + statesTable + ` USING (logto_id)`

	updateUsers = `
		UPDATE users u SET (username, email, phone, name, picture, suspended) = ROW (` + profileAfter + `),
			logto_updated_at = GREATEST(u.logto_updated_at, s.updated_at),
			updated_at = CASE WHEN ` + differs + ` THEN now() ELSE u.updated_at END
		FROM ` + statesTable + `
		WHERE u.logto_id = s.logto_id AND ` + isDue

	isDueForgotten = `(u.deleted_at IS NULL AND (` + newer + ` OR ` + givesWay + ` AND u.suspended <> s.suspended))`

	findForgotten = `
		SELECT 0, u.logto_id, ` + isDueForgotten + ` AND u.suspended <> s.suspended
		FROM forgotten u JOIN ` + statesTable + ` USING (logto_id)`

	updateForgotten = `
		UPDATE forgotten u SET suspended = s.suspended, logto_updated_at = GREATEST(u.logto_updated_at, s.updated_at)
		FROM ` + statesTable + `
		WHERE u.logto_id = s.logto_id AND ` + isDueForgotten

	insertUsers = `
		INSERT INTO users (logto_id, username, email, phone, name, picture, suspended, logto_updated_at, last_seen_at)
		SELECT logto_id, username, email, phone, name, picture, suspended, updated_at, NULL FROM ` + statesTable + `
		ON CONFLICT (logto_id) DO NOTHING -- somebody may be twice in a list
		RETURNING id, logto_id, TRUE`
)

// update updates the rows that exist. It returns the states of people without one.
func (a *applied) update(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time) (rest []logto.State, err error) {
	return a.findAndUpdate(ctx, tx, states, asOf, findUsers, updateUsers)
}

// updateForgotten notes whether those who are forgotten are locked out.
func (a *applied) updateForgotten(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time) (rest []logto.State, err error) {
	return a.findAndUpdate(ctx, tx, states, asOf, findForgotten, updateForgotten)
}

func (a *applied) findAndUpdate(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time, find, update string) (rest []logto.State, err error) {
	args := arrays(states, asOf)
	rest, err = a.collect(ctx, tx, states, find, args...)
	if err != nil || len(rest) == len(states) {
		return rest, err
	}
	_, err = tx.Exec(ctx, update, args...)
	return rest, err
}

// insert makes the rows that are missing.
func (a *applied) insert(ctx context.Context, tx *sqldb.Tx, states []logto.State, _ *time.Time) (rest []logto.State, err error) {
	return a.collect(ctx, tx, states, insertUsers, arrays(states)...)
}

// collect executes a statement that returns people's ids and whether something
// changes for them. It returns the states of the others.
func (a *applied) collect(ctx context.Context, tx *sqldb.Tx, states []logto.State, statement string, args ...any) (rest []logto.State, err error) {
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[string]bool, len(states))
	for rows.Next() {
		var id int64
		var logtoID string
		var changed bool
		if err := rows.Scan(&id, &logtoID, &changed); err != nil {
			return nil, err
		}
		found[logtoID] = true
		if id != 0 {
			a.ids = append(a.ids, id)
		} else {
			a.forgotten = append(a.forgotten, logtoID)
		}
		if changed {
			a.changed = append(a.changed, logtoID)
		}
	}
	rest = slices.DeleteFunc(slices.Clone(states), func(s logto.State) bool { return found[s.ID] })
	return rest, rows.Err()
}

// tombstone makes tombstones of the rows of people who were deleted in Logto,
// whether they had a row or not: without personal data, and for ever. It queues
// their DeletedEvents, and returns the Logto ids of those who were not deleted before.
func tombstone(ctx context.Context, tx *sqldb.Tx, logtoIDs ...string) ([]string, error) {
	if err := lockPeople(ctx, tx, logtoIDs...); err != nil {
		return nil, err
	}
	for _, statement := range []string{`
		UPDATE forgotten SET deleted_at = now(), suspended = FALSE WHERE logto_id = ANY ($1::text[]) AND deleted_at IS NULL
	`, `
		INSERT INTO users (logto_id, last_seen_at)
		SELECT person, NULL FROM unnest($1::text[]) AS person
		WHERE NOT EXISTS (SELECT FROM forgotten WHERE logto_id = person) AND NOT EXISTS (SELECT FROM users WHERE logto_id = person)
	`} {
		if _, err := tx.Exec(ctx, statement, logtoIDs); err != nil {
			return nil, err
		}
	}
	ids, deleted, err := deleteProfiles(ctx, tx, logtoIDs)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO deletions (user_id, due_at) SELECT unnest($1::bigint[]), now()`, ids)
	return deleted, err
}

// deleteProfiles makes tombstones of the rows that aren't yet. It returns both ids of these.
func deleteProfiles(ctx context.Context, tx *sqldb.Tx, logtoIDs []string) (ids []int64, deleted []string, err error) {
	rows, err := tx.Query(ctx, `
		UPDATE users SET
			username = NULL, email = NULL, phone = NULL, name = NULL, picture = NULL,
			profile_at = NULL, profile_claims = NULL, logto_updated_at = NULL, last_seen_at = NULL, forgotten_at = NULL,
			suspended = FALSE, deleted_at = now(), updated_at = now()
		WHERE logto_id = ANY ($1::text[]) AND deleted_at IS NULL
		RETURNING id, logto_id
	`, logtoIDs)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var logtoID string
		if err := rows.Scan(&id, &logtoID); err != nil {
			return nil, nil, err
		}
		ids, deleted = append(ids, id), append(deleted, logtoID)
	}
	return ids, deleted, rows.Err()
}

// inTransaction does something to the rows of people, durably, and then tells
// whoever reads the changes if it names anybody, and the other services of those
// who were deleted. The context bounds it as a whole.
func inTransaction(ctx context.Context, do func(*sqldb.Tx) (logtoIDs []string, err error)) error {
	var logtoIDs []string
	return transact(ctx, func(tx *sqldb.Tx) (err error) {
		logtoIDs, err = do(tx)
		return err
	}, func() {
		if len(logtoIDs) > 0 {
			readers.wake()
		}
		deletions.wake()
	})
}

// transact commits what do does, unless that fails, and calls then. The context
// bounds it as a whole.
func transact(ctx context.Context, do func(*sqldb.Tx) error, then func()) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		tx.Rollback()
		return err
	}
	// Commit takes no context. And its error leaves open what became of the
	// transaction, so then is called all the same.
	committed := make(chan error, 1)
	go func() {
		err := tx.Commit()
		then()
		committed <- err
	}()
	select {
	case err := <-committed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lockPeople waits until nobody else makes, changes or deletes the rows of these
// people, on news from Logto or by their wish, and keeps it so until the
// transaction ends. It comes first in a transaction, before any row is locked.
// Without it, news could bring somebody back who is being forgotten at that moment.
func lockPeople(ctx context.Context, tx *sqldb.Tx, logtoIDs ...string) error {
	// In one order for all, so that nobody waits for each other.
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(key)
		FROM (SELECT DISTINCT hashtextextended(id, 0) AS key FROM unnest($1::text[]) AS id ORDER BY key) AS keys
	`, logtoIDs)
	return err
}
