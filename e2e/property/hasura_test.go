package property

import (
	"net/url"
	"strconv"

	"encore.app/e2e/backend"
)

func init() {
	examples = append(examples, example{kinds: []kind{{"hook", 12, askHook}}, check: checkHook})
}

func askHook(g *generator, _ *caller) backend.Request {
	query := url.Values{"resource": {pick(g, append(hostile, "https://api.encoreapp.com", "https://api.encoreapp.com"))}}
	if g.oneIn(2) {
		query.Set("unauthorizedRole", pick(g, append(hostile, "anonymous")))
	}
	r := backend.Request{Method: pick(g, []string{"GET", "POST"}), Path: "/api/authn/hasura?" + query.Encode()}
	if g.oneIn(2) {
		name := pick(g, []string{"Expected-Role", "Expected-Role", "X-Hasura-User-Id", "X-Hasura-Role"})
		r.Header = map[string]string{name: pick(g, []string{"editor", "user-admin", "admin", "x y", "1", ""})}
	}
	if r.Method == "POST" {
		r.Body = g.body(nil, `"headers":{"Authorization":`+strconv.Quote(g.garbage())+`}`)
	}
	return r
}

func checkHook(e exchange) []string {
	if e.kind == "hook" && e.answer.Status != 200 && e.answer.Status != 401 {
		return []string{"Hasura understands 200 and 401 only"}
	}
	return nil
}
