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

type applied struct {
	ids       []int64  // ids of the people who have a row
	forgotten []string // Logto ids of the forgotten people, who have no row
	changed   []string // Logto ids of the people whose data changed
}

// apply writes the states that Logto sent into the people's rows.
//
//   - A state that is not newer than the row is ignored.
//   - A person without a row gets one.
//   - For a forgotten person, only suspended is stored.
//   - The row of a deleted person is not changed.
//   - Claims of a token that was issued after the state's last change are kept.
//
// If asOf is not nil, the states were current at that time, because Logto was asked.
// They then replace everything older than asOf, even if its updatedAt is newer: the
// updatedAt times of two concurrent changes may be in the wrong order.
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
	return nil, errors.New("no row was created for some people")
}

// statesTable is a table s of the states. stateArgs returns its parameters, $1 to $8.
const statesTable = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[])
	AS s (logto_id, username, email, phone, name, picture, suspended, updated_at)`

func stateArgs(states []logto.State, more ...any) []any {
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

// Parts of the statements below. u is a row of users or forgotten, s the person's
// state, and $9 is asOf.
const (
	newer    = `(s.updated_at > COALESCE(u.logto_updated_at, '-infinity'))`
	outdated = `COALESCE(u.logto_updated_at < $9, FALSE)`
)

// mergedColumn returns the new value of a profile column: the row's value if it comes
// from a newer token, otherwise the state's.
func mergedColumn(column string) string {
	return `CASE WHEN u.profile_at > s.updated_at AND (u.profile_at < $9) IS NOT TRUE AND '` + column + `' = ANY (u.profile_claims)
		THEN u.` + column + ` ELSE s.` + column + ` END`
}

var (
	mergedColumns = strings.Join([]string{mergedColumn("username"), mergedColumn("email"), "s.phone", mergedColumn("name"), mergedColumn("picture"), "s.suspended"}, ", ")
	differs       = `((u.username, u.email, u.phone, u.name, u.picture, u.suspended) IS DISTINCT FROM (` + mergedColumns + `))`
	applies       = `(u.deleted_at IS NULL AND (` + newer + ` OR ` + outdated + ` AND ` + differs + `))`

	findUsers = `
		SELECT u.id, u.logto_id, ` + applies + ` AND ` + differs + `
		FROM users u JOIN ` + statesTable + ` USING (logto_id)`

	updateUsers = `
		UPDATE users u SET (username, email, phone, name, picture, suspended) = ROW (` + mergedColumns + `),
			logto_updated_at = GREATEST(u.logto_updated_at, s.updated_at),
			updated_at = CASE WHEN ` + differs + ` THEN now() ELSE u.updated_at END
		FROM ` + statesTable + `
		WHERE u.logto_id = s.logto_id AND ` + applies

	appliesToForgotten = `(u.deleted_at IS NULL AND (` + newer + ` OR ` + outdated + ` AND u.suspended <> s.suspended))`

	findForgotten = `
		SELECT 0, u.logto_id, ` + appliesToForgotten + ` AND u.suspended <> s.suspended
		FROM forgotten u JOIN ` + statesTable + ` USING (logto_id)`

	updateForgotten = `
		UPDATE forgotten u SET suspended = s.suspended, logto_updated_at = GREATEST(u.logto_updated_at, s.updated_at)
		FROM ` + statesTable + `
		WHERE u.logto_id = s.logto_id AND ` + appliesToForgotten

	insertUsers = `
		INSERT INTO users (logto_id, username, email, phone, name, picture, suspended, logto_updated_at, last_seen_at)
		SELECT logto_id, username, email, phone, name, picture, suspended, updated_at, NULL FROM ` + statesTable + `
		ON CONFLICT (logto_id) DO NOTHING -- a list may contain a person twice
		RETURNING id, logto_id, TRUE`
)

func (a *applied) update(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time) (rest []logto.State, err error) {
	return a.findAndUpdate(ctx, tx, states, asOf, findUsers, updateUsers)
}

// updateForgotten stores whether forgotten people are suspended.
func (a *applied) updateForgotten(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time) (rest []logto.State, err error) {
	return a.findAndUpdate(ctx, tx, states, asOf, findForgotten, updateForgotten)
}

func (a *applied) findAndUpdate(ctx context.Context, tx *sqldb.Tx, states []logto.State, asOf *time.Time, find, update string) (rest []logto.State, err error) {
	args := stateArgs(states, asOf)
	rest, err = a.collect(ctx, tx, states, find, args...)
	if err != nil || len(rest) == len(states) {
		return rest, err
	}
	_, err = tx.Exec(ctx, update, args...)
	return rest, err
}

func (a *applied) insert(ctx context.Context, tx *sqldb.Tx, states []logto.State, _ *time.Time) (rest []logto.State, err error) {
	return a.collect(ctx, tx, states, insertUsers, stateArgs(states)...)
}

// collect adds the result of a statement to a: ids, and whether the person's data changes.
// It returns the states of the people not found.
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

// tombstone replaces the rows of people who were deleted in Logto with tombstones,
// which have no personal data and are never removed. People without a row get one. It
// queues a DeletedEvent for each, and returns the Logto ids that are newly deleted.
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

// deleteProfiles returns both ids of the people who were not deleted before.
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

// inTransaction runs do, which returns the people whose access may have changed. After
// the commit it wakes the outbox and, if there are such people, the readers of the
// change log.
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

// transact runs do in a transaction and then, unless do fails, afterCommit. ctx limits
// the whole call.
func transact(ctx context.Context, do func(*sqldb.Tx) error, afterCommit func()) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		tx.Rollback()
		return err
	}
	// Commit takes no context. If it fails, the transaction may still have been
	// committed, so afterCommit is always called.
	committed := make(chan error, 1)
	go func() {
		err := tx.Commit()
		afterCommit()
		committed <- err
	}()
	select {
	case err := <-committed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lockPeople locks people until the end of the transaction. Every transaction that
// writes their rows must call it first, before it locks any row. Without it, a webhook
// could recreate somebody who is deleting themselves at that moment.
func lockPeople(ctx context.Context, tx *sqldb.Tx, logtoIDs ...string) error {
	// The keys are locked in ascending order, which prevents deadlocks.
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(key)
		FROM (SELECT DISTINCT hashtextextended(id, 0) AS key FROM unnest($1::text[]) AS id ORDER BY key) AS keys
	`, logtoIDs)
	return err
}
