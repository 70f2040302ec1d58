package todos

import (
	"fmt"

	encore "encore.dev/beta/auth"

	"encore.app/auth"
)

// A list is the todos of a person or an organization.
type list struct {
	person       int64  // the caller's internal id
	organization string // empty for the caller's own list
}

// callerList returns the list of the caller's token. The caller is a person: all endpoints
// have tag:person.
func callerList() list {
	data := encore.Data().(*auth.Data)
	return list{person: data.UserID, organization: data.OrganizationID}
}

// condition limits a statement to the rows of the list. Its parameter $1 is owner.
func (l list) condition() string {
	if l.organization != "" {
		return "organization_id = $1"
	}
	return "owner_id = $1 AND organization_id IS NULL"
}

// newest returns FROM and the rest of a query for the newest $3 rows of the list with
// ids below $2 and, unless empty, the state.
//
// It means condition AND id < $2 ORDER BY id DESC. With that form Postgres sometimes scans
// the primary key past everybody else's todos, or sorts the whole list. Here only the
// list's own index has the right order. The limit is in a subquery to hide it from the
// planner, which would otherwise sort lists that it believes to be shorter.
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

func (l list) organizationID() *string {
	if l.organization != "" {
		return &l.organization
	}
	return nil
}

// name returns a unique name of the list, for cursors.
func (l list) name() string {
	if l.organization != "" {
		return "todos:organization:" + l.organization
	}
	return fmt.Sprintf("todos:person:%d", l.person)
}
