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
	Labels       []string
	Published    string
	Request      string
	Count        int
	Kept         string
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

// deliveries waits for as many deliveries of the message, and checks them. Each is
// a copy, whatever the publisher and those who had it before did to theirs.
func deliveries(t *testing.T, id, published, subscription string, count int) []delivery {
	t.Helper()
	path := fmt.Sprintf("/messages/%s/%s/%d", id, subscription, count)
	all := backend.JSON[struct{ Deliveries []delivery }](t, probe(t).Get(t, path, "")).Deliveries
	for i, d := range all {
		if d.Published != published || d.Count != i+1 || !reflect.DeepEqual(d.Labels, []string{"new"}) || d.Kept != "" {
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

func TestMessage(t *testing.T) {
	id, published := publish(t, "")
	for _, subscription := range subscriptions {
		if got := deliveries(t, id, published, subscription, 1); len(got) != 1 {
			t.Errorf("got %+v", got)
		}
	}
}

func TestMessageIsDeliveredAgain(t *testing.T) {
	id, published := publish(t, `,"Fail":1,"Panic":1`)
	for _, subscription := range subscriptions {
		if got := deliveries(t, id, published, subscription, 3); len(got) != 3 {
			t.Errorf("got %+v", got)
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
