package users

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/et"
)

func TestMe(t *testing.T) {
	t.Run("OK", func(t *testing.T) {
		person := rand.Text()
		id := mustEnsure(t, person)
		et.OverrideAuthInfo(auth.UID(person), nil)
		u, err := Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if u.ID != id || u.LogtoID != person || u.Email != nil || u.Suspended || u.CreatedAt.IsZero() || u.LastSeenAt.IsZero() {
			t.Errorf("user = %+v", u)
		}
	})

	t.Run("ErrNotFound", func(t *testing.T) {
		et.OverrideAuthInfo(auth.UID(rand.Text()), nil)
		_, err := Me(t.Context())
		wantError(t, err, errs.NotFound)
	})
}

func TestUnavailable(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	et.OverrideAuthInfo(auth.UID(rand.Text()), nil)
	_, err := Me(ctx)
	wantError(t, err, errs.Unavailable)
	_, err = Ensure(ctx, &EnsureParams{LogtoID: rand.Text()})
	wantError(t, err, errs.Unavailable)
}

func wantError(t *testing.T, err error, code errs.ErrCode) {
	t.Helper()
	e, ok := err.(*errs.Error)
	if !ok || e.Code != code {
		t.Fatalf("err = %v, want %s", err, code)
	}
	for _, inner := range []string{"SELECT", "users", "context", "SQLSTATE"} {
		if strings.Contains(e.ErrorMessage(), inner) {
			t.Errorf("the message %q has internal details", e.ErrorMessage())
		}
	}
}
