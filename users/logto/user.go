package logto

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"encore.app/auth/token"
)

// The longest accepted values, in characters. They are at least Logto's own limits.
const (
	MaxName    = 256 // username, e-mail, phone and name
	MaxPicture = 2048
)

// MaxClockSkew is how far Logto's clock may be ahead of this machine's.
const MaxClockSkew = 5 * time.Minute

// State is the state of a person in Logto.
type State struct {
	ID                                    string
	Username, Email, Phone, Name, Picture *string
	Suspended                             bool
	UpdatedAt                             time.Time // of the last change in Logto
}

// User is a person in the JSON of Logto's webhooks and Management API. Required
// fields are pointers too, so that a missing one is detected.
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

// CurrentState returns the person's state from an answer of the Management API. A time
// in the future is replaced with now: otherwise newer states would be ignored until then.
func (u *User) CurrentState(now time.Time) (State, error) {
	s, err := u.state()
	if s.UpdatedAt.After(now.Add(MaxClockSkew)) {
		s.UpdatedAt = now
	}
	return s, err
}

// state returns the person's state. Its error messages are for the sender.
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
			return s, fmt.Errorf("%s is longer than %d characters or is not valid text", field.name, field.maxChars)
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

const maxMilliseconds = 253_402_300_799_999 // the end of the year 9999

func checkID(id string) error {
	if !token.IsID(id) {
		return errors.New("the id is not valid")
	}
	return nil
}

// IsText reports whether value has at most maxChars characters and Postgres can store it.
func IsText(value string, maxChars int) bool {
	return len(value) <= utf8.UTFMax*maxChars && utf8.ValidString(value) &&
		utf8.RuneCountInString(value) <= maxChars && !strings.ContainsRune(value, 0)
}
