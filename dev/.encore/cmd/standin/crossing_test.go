package main

import (
	"strings"
	"testing"
)

func TestCheckCrossings(t *testing.T) {
	const users = `package users

import "encore.dev/pubsub"

type User struct{ Name string }

func (u *User) Greeting() string { return u.Name }

const Max = 10

var (
	Deleted = pubsub.NewTopic[*User]("deleted", pubsub.TopicConfig{})
	Listeners []func()
	errGone = errors.New("gone")
)

//encore:service
type Service struct{}

//encore:api private
func Ensure(ctx context.Context) (*User, error) { return nil, nil }

//encore:api private
func (s *Service) Find(ctx context.Context) (*User, error) { return nil, nil }

func OnChange(listener func()) {}
`
	for name, tt := range map[string]struct{ source, want string }{
		"an endpoint":              {`func f() { users.Ensure(nil) }`, ""},
		"a method that is one":     {`func f() { users.Find(nil) }`, ""},
		"a topic":                  {`var _ = pubsub.NewSubscription(users.Deleted, "x", cfg)`, ""},
		"types and constants":      {`func f(u *users.User) int { u.Greeting(); return users.Max }`, ""},
		"a variable of that name":  {`func f() { var users users.User; users.OnChange() }`, ""},
		"a function":               {`func f() { users.OnChange(func() {}) }`, "auth.go:9:12: users.OnChange is neither"},
		"a variable":               {`func f() { users.Listeners = nil }`, "auth.go:9:12: users.Listeners is neither"},
		"a function not called":    {`var hook = users.OnChange`, "auth.go:9:12: users.OnChange is neither"},
		"within a composite value": {`var hooks = []any{users.OnChange}`, "auth.go:9:19: users.OnChange is neither"},
	} {
		root := writeFiles(t, map[string]string{
			"go.mod":         "module shop.app\n",
			"users/users.go": users,
			// Plain Go, as any library is.
			"users/money/money.go": "package money\n\nfunc Round() {}\n",
			"auth/auth.go": "package auth\n\nimport \"shop.app/users\"\nimport \"shop.app/users/money\"\n\n" +
				"//encore:api public\nfunc Login() error { money.Round(); return nil }\n\n" + tt.source + "\n",
			"auth/auth_test.go": "package auth\n\nimport \"shop.app/users\"\n\nfunc f() { users.OnChange(nil) }\n",
		})
		_, err := parseApp(root)
		if got := ""; err != nil {
			got = err.Error()
			if tt.want == "" || !strings.Contains(got, tt.want) {
				t.Errorf("%s: error %v, want %q", name, err, tt.want)
			}
		} else if tt.want != "" {
			t.Errorf("%s: no error", name)
		}
	}
	// By another name.
	root := writeFiles(t, map[string]string{
		"go.mod":         "module shop.app\n",
		"users/users.go": users,
		"auth/auth.go":   "package auth\n\nimport people \"shop.app/users\"\n\n//encore:api public\nfunc Login() error { people.OnChange(nil); return nil }\n",
	})
	if _, err := parseApp(root); err == nil || !strings.Contains(err.Error(), "people.OnChange is neither") {
		t.Errorf("by another name: error %v", err)
	}
}
