package todos

import (
	"fmt"

	encore "encore.dev/beta/auth"

	"encore.app/auth"
)

// A list is the todos that a caller may see and change.
type list struct {
	// person is the internal id of the caller.
	person int64
	// organization is empty if the list is the caller's own.
	organization string
}

// callersList returns the list that the caller's token is for: the
// organization's if it is an organization's token, else their own. That the
// caller is a person, the endpoints' tag says.
func callersList() list {
	data := encore.Data().(*auth.Data)
	return list{person: data.UserID, organization: data.OrganizationID}
}

// condition is what holds for the rows of the list alone, with owner as its
// argument $1: the first condition of every statement.
func (l list) condition() string {
	if l.organization != "" {
		return "organization_id = $1"
	}
	return "owner_id = $1 AND organization_id IS NULL"
}

// newest is what follows SELECT and the columns for the newest $3 rows of the list
// with ids below $2: all of them, or those alone with the state.
//
// It means the same as condition with id < $2 and ORDER BY id DESC. But said like
// this only the list's own index has the rows in order. For the other form Postgres
// at times walks back through the primary key, past the todos of everybody else, or
// sorts the whole list. It does the latter also where it takes the list for so short
// that it is within the limit: so it gets to know that only when the query runs.
func (l list) newest(state string) string {
	column, rest := "owner_id", " AND organization_id IS NULL"
	if l.organization != "" {
		column, rest = "organization_id", ""
	}
	switch state {
	case stateOpen:
		rest += " AND NOT done"
	case stateDone:
		rest += " AND done"
	}
	return fmt.Sprintf(`
		FROM todos
		WHERE %[1]s >= $1 AND (%[1]s, id) < ($1, $2)%[2]s
		ORDER BY %[1]s DESC, id DESC
		LIMIT (SELECT $3::bigint)
	`, column, rest)
}

func (l list) owner() any {
	if l.organization != "" {
		return l.organization
	}
	return l.person
}

// organizationID returns the organization, or nil for the person's own list.
func (l list) organizationID() *string {
	if l.organization != "" {
		return &l.organization
	}
	return nil
}

// name tells the list from all others.
func (l list) name() string {
	if l.organization != "" {
		return "todos:organization:" + l.organization
	}
	return fmt.Sprintf("todos:person:%d", l.person)
}
