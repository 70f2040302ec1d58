package logto

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"encore.app/auth/token"
)

// The longest values that are accepted, in characters: Logto's own limits, or more.
const (
	MaxName    = 256 // username, e-mail, phone and name
	MaxPicture = 2048
)

// MaxAhead is how far Logto's clock may be ahead of this machine's.
const MaxAhead = 5 * time.Minute

// State is the whole state of a person in Logto, as far as it matters here.
type State struct {
	// ID is the person's id in Logto.
	ID string
	// Username, Email, Phone, Name and Picture are the profile.
	Username, Email, Phone, Name, Picture *string
	// Suspended says that the person is locked out.
	Suspended bool
	// UpdatedAt is the time of the last change in Logto. It tells which of two
	// states is the newer one.
	UpdatedAt time.Time
}

// User is a person as Logto's webhooks and its Management API show them. Fields
// that Logto must send are pointers too, so that a missing one is noticed.
type User struct {
	ID           string  `json:"id"`
	Username     *string `json:"username"`
	PrimaryEmail *string `json:"primaryEmail"`
	PrimaryPhone *string `json:"primaryPhone"`
	Name         *string `json:"name"`
	Avatar       *string `json:"avatar"`
	IsSuspended  *bool   `json:"isSuspended"`
	UpdatedAt    *int64  `json:"updatedAt"` // milliseconds since 1970
}

// CurrentState returns the person's state as Logto answered it just now. A time in
// the future becomes now: otherwise later states would be ignored until then.
func (u *User) CurrentState(now time.Time) (State, error) {
	s, err := u.state()
	if s.UpdatedAt.After(now.Add(MaxAhead)) {
		s.UpdatedAt = now
	}
	return s, err
}

// state returns the person's state. The messages of its errors are for the sender.
func (u *User) state() (s State, err error) {
	if err := checkID(u.ID); err != nil {
		return s, err
	}
	for _, field := range []struct {
		name     string
		value    *string
		maxChars int
	}{
		{"username", u.Username, MaxName},
		{"primaryEmail", u.PrimaryEmail, MaxName},
		{"primaryPhone", u.PrimaryPhone, MaxName},
		{"name", u.Name, MaxName},
		{"avatar", u.Avatar, MaxPicture},
	} {
		if field.value != nil && !IsText(*field.value, field.maxChars) {
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
	return State{
		ID:        u.ID,
		Username:  u.Username,
		Email:     u.PrimaryEmail,
		Phone:     u.PrimaryPhone,
		Name:      u.Name,
		Picture:   u.Avatar,
		Suspended: *u.IsSuspended,
		UpdatedAt: time.UnixMilli(*u.UpdatedAt),
	}, nil
}

// maxMilliseconds is the end of the year 9999. Postgres can store later times.
const maxMilliseconds = 253_402_300_799_999

func checkID(id string) error {
	if !token.IsID(id) {
		return errors.New("the id is not that of a person")
	}
	return nil
}

// IsText reports whether Postgres can store the value as a text, and it is not
// longer than maxChars characters.
func IsText(value string, maxChars int) bool {
	return len(value) <= utf8.UTFMax*maxChars && utf8.ValidString(value) &&
		utf8.RuneCountInString(value) <= maxChars && !strings.ContainsRune(value, 0)
}
