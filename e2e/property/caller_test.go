package property

import (
	"testing"

	"encore.app/e2e/people"
)

// caller is somebody who calls.
type caller struct {
	name, token string
	// person is the subject of the token if it is a person's: a secret as well,
	// except to who may list everybody.
	person string
	// owner is whose things the token is for, the caller's or an organization's, or
	// "" if the caller may see none.
	owner string
	// mayListUsers says that the caller has read:users.
	mayListUsers bool
}

// altered is the scope of the token that was altered. An example adds its own.
var altered = "read:users"

// newCallers returns two newcomers, one of whom is in an organization with alice;
// the demo people; a machine; somebody with an ID
// token, somebody with a token that they altered, and somebody without any.
func newCallers(t *testing.T) []*caller {
	t.Helper()
	first, second := people.Register(t), people.Register(t)
	second.Join(t, people.Acme, people.OrganizationAdmin)
	bob := people.Token(t, "bob")

	callers := []*caller{
		{name: "first", token: first.Token(t), owner: "first"},
		{name: "second", token: second.Token(t), owner: "second"},
		{name: "second in acme", token: second.Token(t, "--organization", people.Acme), owner: "acme"},
		{name: "alice", token: people.Token(t, "alice"), owner: "alice"},
		{name: "alice in acme", token: people.OrganizationToken(t), owner: "acme"},
		{name: "bob", token: bob},
		{name: "carol", token: people.Token(t, "carol"), mayListUsers: true},
	}
	for _, c := range callers {
		c.person = people.Subject(t, c.token)
	}
	return append(callers,
		&caller{name: "machine", token: people.MachineToken(t)},
		&caller{name: "ID token", token: people.FromProvider(t, "alice", "--id-token")},
		&caller{name: "altered token", token: people.Alter(t, bob, nil, map[string]any{
			"sub": "alice0000001", "scope": altered, "organization_id": people.Acme,
		})},
		&caller{name: "nobody"},
	)
}
