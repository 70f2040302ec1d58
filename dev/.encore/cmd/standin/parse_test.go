package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parseFiles parses an application with the files.
func parseFiles(t *testing.T, files map[string]string) (*app, error) {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = "module shop.app\n"
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return parseApp(root)
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestParseUnsupported(t *testing.T) {
	for source, want := range map[string]string{
		"//encore:middleware target=all\nfunc M() {}":          "svc.go:4:1: the stand-in supports only functions with //encore:middleware global target=all",
		"//encore:middleware global target=tag:a\nfunc M() {}": "the stand-in supports only functions with //encore:middleware global target=all",
		"//encore:authhandler\ntype T struct{}":                "the stand-in doesn't support //encore:authhandler here",
		"var secrets = struct{ Key string }{}":                 "secrets must be an inline struct without a value",
		"var secrets Secrets":                                  "secrets must be an inline struct without a value",
		"//encore:api auth secret\nfunc Get() {}":              `the stand-in doesn't support "secret" in //encore:api`,
	} {
		_, err := parseFiles(t, map[string]string{"svc/svc.go": "package svc\n\n" + source + "\n"})
		checkError(t, err, want)
	}
}

func TestUseOfOtherService(t *testing.T) {
	const users = `package users

import "encore.dev/pubsub"

type User struct{ Name string }

func (u *User) Greeting() string { return u.Name }

const Max = 10

var (
	Deleted   = pubsub.NewTopic[*User]("deleted", pubsub.TopicConfig{})
	Listeners []func()
)

//encore:api private
func Ensure(ctx context.Context) (*User, error) { return nil, nil }

//encore:api private
func (s *Service) Find(ctx context.Context) (*User, error) { return nil, nil }

func OnChange(listener func()) {}
`
	for source, want := range map[string]string{
		`func f() { users.Ensure(nil) }`:                               "",
		`func f() { users.Find(nil) }`:                                 "",
		`func f() { money.Round() }`:                                   "",
		`var _ = pubsub.NewSubscription(users.Deleted, "x", cfg)`:      "",
		`func f(u *users.User) int { u.Greeting(); return users.Max }`: "",
		`func f() { var users users.User; users.OnChange() }`:          "",
		`func f() { users.OnChange(func() {}) }`:                       "auth.go:10:12: users.OnChange is neither",
		`func f() { people.OnChange(func() {}) }`:                      "people.OnChange is neither",
		`func f() { users.Listeners = nil }`:                           "users.Listeners is neither",
		`var hooks = []any{users.OnChange}`:                            "users.OnChange is neither",
	} {
		_, err := parseFiles(t, map[string]string{
			"users/users.go":       users,
			"users/money/money.go": "package money\n\nfunc Round() {}\n",
			"auth/auth.go": "package auth\n\nimport \"shop.app/users\"\nimport people \"shop.app/users\"\nimport \"shop.app/users/money\"\n\n" +
				"//encore:api public\nfunc Login() error { return nil }\n\n" + source + "\n",
			"auth/auth_test.go": "package auth\n\nimport \"shop.app/users\"\n\nfunc f() { users.OnChange(nil) }\n",
		})
		checkError(t, err, want)
	}
}
