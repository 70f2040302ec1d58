package users

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxLogtoID is the length of the longest id that is accepted, in bytes. Logto's
// own have 12 characters.
const maxLogtoID = 255

// maxAhead is how far Logto's clock may be ahead of this machine's.
const maxAhead = 5 * time.Minute

// logtoUser is a person as Logto's webhooks and its Management API show them.
// What may be null is of no other type, and what may not be has to be there.
type logtoUser struct {
	ID           string  `json:"id"`
	Username     *string `json:"username"`
	PrimaryEmail *string `json:"primaryEmail"`
	PrimaryPhone *string `json:"primaryPhone"`
	Name         *string `json:"name"`
	Avatar       *string `json:"avatar"`
	IsSuspended  *bool   `json:"isSuspended"`
	UpdatedAt    *int64  `json:"updatedAt"` // milliseconds since 1970
}

// state returns the person's state. Errors are for whoever sent it.
func (u *logtoUser) state() (s state, err error) {
	if err := checkLogtoID(u.ID); err != nil {
		return s, err
	}
	for _, field := range []struct {
		name     string
		value    *string
		maxChars int
	}{
		{"username", u.Username, maxName},
		{"primaryEmail", u.PrimaryEmail, maxName},
		{"primaryPhone", u.PrimaryPhone, maxName},
		{"name", u.Name, maxName},
		{"avatar", u.Avatar, maxPicture},
	} {
		if field.value != nil && !storable(*field.value, field.maxChars) {
			return s, fmt.Errorf("%s is longer than %d characters, or not text", field.name, field.maxChars)
		}
	}
	if u.IsSuspended == nil {
		return s, errors.New("isSuspended is missing")
	}
	if u.UpdatedAt == nil {
		return s, errors.New("updatedAt is missing")
	}
	if *u.UpdatedAt <= 0 || *u.UpdatedAt > maxMilliseconds {
		return s, errors.New("updatedAt is not a time in milliseconds")
	}
	return state{
		logtoID:   u.ID,
		username:  u.Username,
		email:     u.PrimaryEmail,
		phone:     u.PrimaryPhone,
		name:      u.Name,
		picture:   u.Avatar,
		suspended: *u.IsSuspended,
		updatedAt: time.UnixMilli(*u.UpdatedAt),
	}, nil
}

// current returns the person's state as Logto answered it just now. A time in
// the future is taken for now: it would shut out the states to come.
func (u *logtoUser) current(now time.Time) (state, error) {
	s, err := u.state()
	if s.updatedAt.After(now.Add(maxAhead)) {
		s.updatedAt = now
	}
	return s, err
}

// maxMilliseconds is the end of the year 9999, long before that of Postgres' time.
const maxMilliseconds = 253_402_300_799_999

func checkLogtoID(id string) error {
	if id == "" || len(id) > maxLogtoID || !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl) {
		return errors.New("the id is not that of a person")
	}
	return nil
}
