package wire

import (
	"net/url"
	"reflect"
	"testing"

	"encore.app/e2e/backend"
)

// request is what encore.CurrentRequest says.
type request struct {
	Type, Service, Endpoint string
	Path, Method            string
	PathParams              []struct{ Name, Value string }
	Host, Account           string
	Tags                    []string
	Exposed, Auth           bool
	Payload                 string
}

func host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(probe(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func checkRequest(t *testing.T, r backend.Request, want request) {
	t.Helper()
	if got := backend.JSON[request](t, probe(t).Do(t, r)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCurrentRequest(t *testing.T) {
	checkRequest(t, backend.Request{
		Method: "GET", Path: "/guard/request/1/of/a%2Fb%20c?limit=5", Token: "ok:alice",
		Header: map[string]string{"X-Account": "12"},
	}, request{
		Type: "api-call", Service: "guard", Endpoint: "Request",
		Path: "/guard/request/1/of/a/b c", Method: "GET",
		PathParams: []struct{ Name, Value string }{{"id", "1"}, {"name", "a/b c"}},
		Host:       host(t), Account: "12",
		Tags: []string{"a-1", "b"}, Exposed: true, Auth: true,
		Payload: "*guard.RequestParams &{5}",
	})
	checkRequest(t, backend.Request{Method: "POST", Path: "/guard/private-request"}, request{
		Type: "api-call", Service: "guard", Endpoint: "PrivateRequest",
		Path: "/guard/private-request", Method: "POST",
		PathParams: []struct{ Name, Value string }{}, Host: host(t), Payload: "<nil> <nil>",
	})
}

// The auth handler is not told which endpoint is called.
func TestCurrentRequestOfAuthHandler(t *testing.T) {
	for _, path := range []string{"/auth", "/public"} {
		a := probe(t).Do(t, backend.Request{
			Method: "GET", Path: path, Token: "describe:alice", Header: map[string]string{"X-Account": "12"},
		})
		got := backend.JSON[who](t, a).Endpoint
		const want = `api-call of caller.AuthHandler, path "", parameters [], method "", host "", account "12", ` +
			`tags [], exposed true, auth false, payload &{Bearer describe:alice }, by "" false <nil>`
		if got.Data == nil || got.Data.Request != want {
			t.Errorf("got %+v, want %s", got.Data, want)
		}
	}
}
