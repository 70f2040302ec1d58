package wire

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"reflect"
	"testing"
	"time"

	"encore.app/e2e/backend"
)

func unique() string { return rand.Text() }

// serviceError is an error of the database in the service.
type serviceError struct {
	Code   string
	NoRows bool `json:"no_rows"`
}

func TestTransaction(t *testing.T) {
	for _, test := range []struct {
		end, code string
		committed bool
	}{
		{"commit", "ok", true},
		{"rollback", "ok", false},
		{"rollback after commit", "internal", true},
		{"error", "unavailable", false},
		{"commit after error", "internal", false},
	} {
		t.Run(test.end, func(t *testing.T) {
			b, prefix := probe(t), unique()
			a := b.Do(t, backend.Request{Method: "POST", Path: "/transaction/" + prefix + "/" + url.PathEscape(test.end)})
			if got, want := backend.JSON[serviceError](t, a), (serviceError{Code: test.code}); got != want {
				t.Errorf("error %+v, want %+v", got, want)
			}
			want := []string{}
			if test.committed {
				want = []string{prefix + "1", prefix + "2"}
			}
			visitors := backend.JSON[struct{ Names []string }](t, b.Get(t, "/visitors/"+prefix, ""))
			if !reflect.DeepEqual(visitors.Names, want) {
				t.Errorf("visitors %q, want %q", visitors.Names, want)
			}
		})
	}
}

func TestStatementError(t *testing.T) {
	for kind, want := range map[string]serviceError{
		"null":           {"unavailable", false},
		"syntax":         {"unavailable", false},
		"no row":         {"not_found", true},
		"wrong type":     {"unavailable", false},
		"canceled":       {"canceled", false},
		"in a later row": {"unknown", false},
	} {
		if got := backend.JSON[serviceError](t, probe(t).Get(t, "/statement/"+url.PathEscape(kind), "")); got != want {
			t.Errorf("%s: error %+v, want %+v", kind, got, want)
		}
	}
}

// publish publishes a message and returns its id.
func publish(t *testing.T, fields string) string {
	t.Helper()
	id := unique()
	body := `{"ID":"` + id + `","Labels":["new"]` + fields + `}`
	checkAnswer(t, probe(t).Do(t, backend.Request{Method: "POST", Path: "/messages", Body: body}), 200, "")
	return id
}

// checkDeliveries waits for deliveries of a message. Each is a copy of what was
// published, whatever others do with theirs.
func checkDeliveries(t *testing.T, id, subscription string, count int) {
	t.Helper()
	var got, want []string
	for i := range count {
		want = append(want, fmt.Sprintf(`%d: labels [new], pubsub-message, by "" false, deadline true`, i+1))
	}
	for ; len(got) < count; time.Sleep(50 * time.Millisecond) {
		got = backend.JSON[struct{ Deliveries []string }](t, probe(t).Get(t, "/messages/"+id+"/"+subscription, "")).Deliveries
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("deliveries to %s: %q, want %q", subscription, got, want)
	}
}

func TestMessageIsDeliveredAgain(t *testing.T) {
	id := publish(t, `,"Fail":1,"Panic":1`)
	checkDeliveries(t, id, "limited", 3)
	checkDeliveries(t, id, "infinite", 3)
}

// While one subscription gets the message six times, the other stops after MaxRetries.
func TestMessageIsGivenUp(t *testing.T) {
	id := publish(t, `,"Fail":5`)
	checkDeliveries(t, id, "infinite", 6)
	checkDeliveries(t, id, "limited", 3)
}
