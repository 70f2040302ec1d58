package property

import (
	"testing"

	"encore.app/e2e/people"
)

type caller struct {
	name, token string
	// person is the subject of a person's token. Only callers with read:users may
	// see it.
	person string
	// owner is the person or organization whose data the token gives access to, or
	// "" for none.
	owner        string
	mayListUsers bool
}

// alteredScope is the scope of the altered token. An example adds its own.
var alteredScope = "read:users"

// newCallers returns two new people, one of them in an organization with alice; the
// demo people; a machine; and callers with an ID token, an altered token and none.
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
			"sub": "alice0000001", "scope": alteredScope, "organization_id": people.Acme,
		})},
		&caller{name: "nobody"},
	)
}
