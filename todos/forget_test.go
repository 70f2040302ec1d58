package todos

import (
	"slices"
	"testing"

	"encore.app/users"
)

func mustForget(t *testing.T, person int64) {
	t.Helper()
	if err := forget(t.Context(), &users.DeletedEvent{UserID: person}); err != nil {
		t.Fatal(err)
	}
}

func TestForget(t *testing.T) {
	organization, another := newOrganization(), newOrganization()
	colleague := signIn(organization)
	theirs := mustCreate(t, "a colleague's")
	signInAs(colleague, "")
	own := mustCreate(t, "a colleague's own")

	person := signIn("")
	mine := mustCreateOnce(t, "mine", "key")
	signInAs(person, organization)
	created := mustCreate(t, "created for the organization")
	signInAs(person, another)
	elsewhere := mustCreate(t, "created for another one")

	for range 2 { // events may be repeated
		mustForget(t, person)

		signInAs(colleague, "")
		if ids := allIDs(t, 100); !slices.Equal(ids, []int64{own.ID}) {
			t.Errorf("the colleague's own list = %v, want %v", ids, own.ID)
		}
		signInAs(colleague, organization)
		if ids := allIDs(t, 100); !slices.Equal(ids, []int64{created.ID, theirs.ID}) {
			t.Errorf("the organization's list = %v, want %v", ids, []int64{created.ID, theirs.ID})
		}
		if kept, err := Get(t.Context(), theirs.ID); err != nil || kept.OwnerID == nil || *kept.OwnerID != colleague {
			t.Errorf("the colleague's todo = %+v, err = %v", kept, err)
		}
		if kept, err := Get(t.Context(), created.ID); err != nil || kept.OwnerID != nil || kept.Text != created.Text || kept.Version != 1 {
			t.Errorf("todo in the organization = %+v, err = %v", kept, err)
		}
		signInAs(colleague, another)
		if kept, err := Get(t.Context(), elsewhere.ID); err != nil || kept.OwnerID != nil {
			t.Errorf("todo in the other organization = %+v, err = %v", kept, err)
		}
		signInAs(person, "")
		if ids := allIDs(t, 100); len(ids) != 0 {
			t.Errorf("own todos left: %v", ids)
		}
	}

	var keys int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM idempotency_keys WHERE user_id = $1 OR todo_id = $2`, person, mine.ID).Scan(&keys); err != nil {
		t.Fatal(err)
	}
	if keys != 0 {
		t.Errorf("%d keys left", keys)
	}
}

func TestForget_Batches(t *testing.T) {
	person, organization := signIn(""), newOrganization()
	if _, err := db.Exec(t.Context(), `
		INSERT INTO todos (owner_id, organization_id, text)
		SELECT $1, CASE WHEN i % 2 = 0 THEN $2 END, 'x' FROM generate_series(1, $3) AS i
	`, person, organization, 5*forgetBatch); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `
		INSERT INTO idempotency_keys (user_id, organization_id, key, text_sha256, todo_id)
		SELECT user_id, '', i, '', 0 FROM generate_series(1, $2) AS i, unnest(ARRAY[$1::bigint, $1::bigint + 1]) AS user_id
	`, person, 2*forgetBatch); err != nil {
		t.Fatal(err)
	}
	mustForget(t, person)

	var own, organizations, named int
	if err := db.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE organization_id IS NULL), count(*) FILTER (WHERE organization_id IS NOT NULL), count(owner_id)
		FROM todos WHERE owner_id = $1 OR organization_id = $2
	`, person, organization).Scan(&own, &organizations, &named); err != nil {
		t.Fatal(err)
	}
	if own != 0 || organizations != 5*forgetBatch/2 || named != 0 {
		t.Errorf("%d own todos left, %d in the organization, %d with an owner", own, organizations, named)
	}
	var keys, others int
	if err := db.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE user_id = $1::bigint), count(*) FILTER (WHERE user_id = $1::bigint + 1) FROM idempotency_keys
	`, person).Scan(&keys, &others); err != nil {
		t.Fatal(err)
	}
	if keys != 0 || others != 2*forgetBatch {
		t.Errorf("%d keys left, and %d of another person", keys, others)
	}
}
