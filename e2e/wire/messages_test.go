package wire

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// delivery is how a message came to a subscription.
type delivery struct {
	Subscription string
	Message      struct {
		ID     string
		Labels []string
	}
	Published string
	Request   string
	Count     int
	Kept      string
}

// publish publishes a message, and returns the id that it has and the one it got.
func publish(t *testing.T, fields string) (id, published string) {
	t.Helper()
	id = rand.Text()
	a := probe(t).Do(t, backend.Request{
		Method: "POST", Path: "/messages", Body: `{"ID":"` + id + `","Labels":["new"]` + fields + `}`,
	})
	return id, backend.JSON[struct{ ID string }](t, a).ID
}

// deliveries waits for as many deliveries of the message, and checks what is the
// same in all.
func deliveries(t *testing.T, id, published, subscription string, count int) []delivery {
	t.Helper()
	path := fmt.Sprintf("/messages/%s/%s/%d", id, subscription, count)
	all := backend.JSON[struct{ Deliveries []delivery }](t, probe(t).Get(t, path, "")).Deliveries
	for i, d := range all {
		if d.Message.ID != id || d.Published != published || d.Count != i+1 {
			t.Errorf("delivery %d of message %s, published as %s, is %+v", i+1, id, published, d)
		}
		want := fmt.Sprintf("pubsub-message to messages, messages, messages, %s, attempt %d, "+
			`payload true, API false, path "", by "" false, deadline true`, subscription, i+1)
		if d.Request != want {
			t.Errorf("request %s, want %s", d.Request, want)
		}
	}
	return all
}

var subscriptions = []string{"by-function", "by-method"}

// A message is a copy, for the publisher and for each subscription.
func TestMessage(t *testing.T) {
	id, published := publish(t, "")
	for _, subscription := range subscriptions {
		all := deliveries(t, id, published, subscription, 1)
		if len(all) != 1 || all[0].Kept != "" {
			t.Fatalf("got %+v", all)
		}
		if want := []string{subscription}; !reflect.DeepEqual(all[0].Message.Labels, want) {
			t.Errorf("labels %q, want %q", all[0].Message.Labels, want)
		}
	}
}

func TestMessageIsDeliveredAgain(t *testing.T) {
	id, published := publish(t, `,"Fail":1,"Panic":1`)
	for _, subscription := range subscriptions {
		all := deliveries(t, id, published, subscription, 3)
		if len(all) != 3 {
			t.Fatalf("got %+v", all)
		}
		for i, want := range []string{"new", "new", subscription} {
			if got := all[i].Message.Labels; !reflect.DeepEqual(got, []string{want}) {
				t.Errorf("labels in attempt %d: %q, want %q", i+1, got, want)
			}
		}
	}
}

// One subscription gives up after MaxRetries attempts. By the time the other has
// had more, it would have tried again.
func TestMessageIsGivenUp(t *testing.T) {
	id, published := publish(t, `,"Fail":5`)
	if got := deliveries(t, id, published, "by-method", 6); len(got) != 6 {
		t.Fatalf("got %+v", got)
	}
	if got := deliveries(t, id, published, "by-function", 3); len(got) != 3 {
		t.Errorf("%d attempts, want 3", len(got))
	}
}

func TestPublishWithContextThatIsOver(t *testing.T) {
	a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/messages/late"})
	checkRefusal(t, a, 500, "unknown", "context canceled")
}
