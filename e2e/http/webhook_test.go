package http_test

import (
	"strings"
	"testing"

	"encore.app/e2e/backend"
	"encore.app/e2e/people"
)

func TestWebhookWithoutSignature(t *testing.T) {
	const path = "/webhooks/logto"
	alice := me(t, "alice")
	body := `{"event":"User.Deleted","data":{"id":"` + alice.LogtoID + `"}}`
	for name, test := range map[string]struct {
		request backend.Request
		status  int
	}{
		"unsigned":             {backend.Request{Body: body}, 401},
		"empty signature":      {backend.Request{Body: body, Header: map[string]string{"logto-signature-sha-256": ""}}, 401},
		"made-up signature":    {backend.Request{Body: body, Header: map[string]string{"logto-signature-sha-256": strings.Repeat("0", 64)}}, 401},
		"signed with nothing":  {backend.Request{Body: "", Header: map[string]string{"logto-signature-sha-256": "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}}, 401},
		"a person's token":     {backend.Request{Body: body, Token: people.Token(t, "alice")}, 401},
		"larger than 1 MiB":    {backend.Request{Body: strings.Repeat(" ", 1<<20+1)}, 413},
		"another content type": {backend.Request{Body: body, Header: map[string]string{"Content-Type": "text/plain"}}, 415},
		"not by POST":          {backend.Request{Method: "GET"}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.request
			r.Path = path
			if r.Method == "" {
				r.Method = "POST"
			}
			if r.Header == nil {
				r.Header = map[string]string{}
			}
			if r.Header["Content-Type"] == "" {
				r.Header["Content-Type"] = "application/json"
			}
			a := app(t).Do(t, r)
			checkNoInternals(t, a)
			status := test.status
			if a.Status == 503 && status != 404 {
				status = 503 // the backend has no signing key
			}
			backend.Refusal(t, a, status)
		})
	}
	if after := me(t, "alice"); after.ID != alice.ID || !after.UpdatedAt.Equal(alice.UpdatedAt) {
		t.Errorf("alice's row was %+v and is %+v", alice, after)
	}
}
