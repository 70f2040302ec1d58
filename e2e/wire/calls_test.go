package wire

import (
	"net/url"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// An endpoint that is a method is called by a function of its package.
func TestCallOfMethod(t *testing.T) {
	type verified struct {
		UID    string
		Data   data
		Scopes []string
	}
	scopes := []string{"read", "write"}
	b := probe(t)
	got := backend.JSON[verified](t, b.Get(t, "/verify/"+url.PathEscape("ok:alice"), ""))
	if want := (verified{"alice", data{Scopes: scopes}, scopes}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	checkRefusal(t, b.Get(t, "/verify/unavailable", ""), 503, "unavailable", "try again")
}

func TestSecrets(t *testing.T) {
	checkAnswer(t, probe(t).Get(t, "/secrets", ""), 200,
		"{\n  \"Key\": \"not-a-secret\",\n  \"Early\": \"not-a-secret\",\n  \"Missing\": \"\"\n}\n")
}

// The endpoint of a cron job is called like any other.
func TestCronJob(t *testing.T) {
	b := probe(t)
	checkAnswer(t, b.Do(t, backend.Request{Method: "POST", Path: "/nightly"}), 200, "")
	checkAnswer(t, b.Do(t, backend.Request{Method: "POST", Path: "/nightly-method"}), 200,
		"{\n  \"Key\": \"hello\",\n  \"Early\": \"\",\n  \"Missing\": \"\"\n}\n")
}
