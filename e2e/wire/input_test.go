package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

// checkJSON checks an answer but for its white space.
func checkJSON(t *testing.T, a backend.Answer, want string) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Compact(&got, []byte(a.Body)); err != nil || a.Status != 200 || strings.TrimSpace(got.String()) != want {
		t.Errorf("%d %s, want 200 %s", a.Status, a.Body, want)
	}
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]string{
		"?limit=5&text=b%20c&done=true": "{Limit:5 Text:b c Done:true Account:0}",
		"":                              "{Limit:0 Text: Done:false Account:0}",
		"?limit=&done=":                 "{Limit:0 Text: Done:false Account:0}",
		"?limit":                        "{Limit:0 Text: Done:false Account:0}",
		"?limit=1&limit=2":              "{Limit:1 Text: Done:false Account:0}",
		"?limit=%2B5":                   "{Limit:5 Text: Done:false Account:0}",
		"?text=a,b":                     "{Limit:0 Text:a,b Done:false Account:0}",
		"?text=a+b":                     "{Limit:0 Text:a b Done:false Account:0}",
		"?done=1":                       "{Limit:0 Text: Done:true Account:0}",
		"?Limit=7&unknown=":             "{Limit:0 Text: Done:false Account:0}",
		"?text=%zz":                     "{Limit:0 Text: Done:false Account:0}",
		"?text=a;b":                     "{Limit:0 Text: Done:false Account:0}",
	} {
		t.Run(query, func(t *testing.T) { checkAnswer(t, probe(t).Get(t, "/query"+query, ""), 200, text(want)) })
	}
}

func TestQueryOfWrongType(t *testing.T) {
	for query, message := range map[string]string{
		"limit=abc":                  `limit: invalid parameter: strconv.ParseInt: parsing "abc": invalid syntax`,
		"limit=5.0":                  `limit: invalid parameter: strconv.ParseInt: parsing "5.0": invalid syntax`,
		"limit=%205":                 `limit: invalid parameter: strconv.ParseInt: parsing " 5": invalid syntax`,
		"limit=99999999999999999999": `limit: invalid parameter: strconv.ParseInt: parsing "99999999999999999999": value out of range`,
		"done=yes":                   `done: invalid parameter: strconv.ParseBool: parsing "yes": invalid syntax`,
		"done=x&limit=x":             `limit: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`,
	} {
		t.Run(query, func(t *testing.T) {
			checkError(t, probe(t).Get(t, "/query?"+query, ""), 400, "invalid_argument", "decode request: "+message)
		})
	}
}

func TestHeader(t *testing.T) {
	send := func(value string) backend.Answer {
		return probe(t).Do(t, backend.Request{Path: "/query", Header: map[string]string{"X-Account": value}})
	}
	checkAnswer(t, send("12"), 200, text("{Limit:0 Text: Done:false Account:12}"))
	checkError(t, send("x"), 400, "invalid_argument",
		`decode request: x-account: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`)
}

func TestPath(t *testing.T) {
	for path, want := range map[string]string{
		"/number/42":            "42",
		"/number/-41":           "-41",
		"/text/abc":             "abc",
		"/text/a+b":             "a+b",
		"/text/a:b;c=d":         "a:b;c=d",
		"/text/a%2Fb":           "a/b",
		"/text/a%20b%25c%C3%A9": "a b%cé",
		"/text/%2e%2e":          "..",
		"/text/a?text=b":        "a",
	} {
		t.Run(path, func(t *testing.T) { checkAnswer(t, probe(t).Get(t, path, ""), 200, text(want)) })
	}
	for n, reason := range map[string]string{"abc": "invalid syntax", "1.0": "invalid syntax", "%2F": "invalid syntax", "99999999999999999999": "value out of range"} {
		checkError(t, probe(t).Get(t, "/number/"+n, ""), 400, "invalid_argument",
			`decode request: n: invalid parameter: strconv.ParseInt: parsing "`+n+`": `+reason)
	}
}

func TestBody(t *testing.T) {
	const (
		all    = `{"title":"a","note":"n","count":3,"labels":["x","y"],"dry":false}`
		titled = `{"title":"a","note":null,"count":0,"labels":null,"dry":false}`
		empty  = `{"title":"","note":null,"count":0,"labels":null,"dry":false}`
	)
	for body, want := range map[string]string{
		`{"title":"a","note":"n","count":3,"labels":["x","y"]}`: all,
		`{}`:   empty,
		`null`: empty,
		`{"title":null,"note":null,"count":null,"labels":null}`: empty,
		`{"title":"a","nope":{"x":[1]}}`:                        titled,
		`{"title":"b","title":"a"}`:                             titled,
		`{"TITLE":"a"}`:                                         titled,
		`{"title":"a","dry":true,"Dry":true}`:                   titled,
		"  \n":                                                  empty,
		`[]`:                                                    empty,
		`"a"`:                                                   empty,
		`<title/>`:                                              empty,
		`{title:1}`:                                             empty,
		`{"title":"a"} x`:                                       titled,
		`{"title":"b"}{"title":"a"}`:                            titled,
	} {
		for _, method := range []string{"POST", "PATCH"} {
			t.Run(method+" "+body, func(t *testing.T) {
				checkJSON(t, probe(t).Do(t, backend.Request{Method: method, Path: "/body", Body: body}), want)
			})
		}
	}
	for _, contentType := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
		a := probe(t).Do(t, backend.Request{
			Method: "POST", Path: "/body?dry=true&title=b", Body: `{"title":"a"}`, Header: map[string]string{"Content-Type": contentType},
		})
		checkJSON(t, a, strings.Replace(titled, `"dry":false`, `"dry":true`, 1))
	}
}

func TestBadBody(t *testing.T) {
	for body, message := range map[string]string{
		"": "request_body: missing request body: missing request body",
		`{"title":`: `Title: invalid json parameter: ReadString: expects " or n, but found ` + "\x00" +
			`, error found in #9 byte of ...|{"title":|..., bigger context ...|{"title":|...`,
		`{"count":1`: "Count: invalid json parameter: EOF",
		`{"title":1}`: `Title: invalid json parameter: ReadString: expects " or n, but found 1, ` +
			`error found in #10 byte of ...|{"title":1}|..., bigger context ...|{"title":1}|...`,
		`{"count":1.5}`: `Count: invalid json parameter: assertInteger: can not decode float as int, ` +
			`error found in #10 byte of ...|{"count":1.5}|..., bigger context ...|{"count":1.5}|...`,
		`{"labels":"a"}`: `Labels: invalid json parameter: []string: decode slice: expect [ or n, but found ", ` +
			`error found in #10 byte of ...|"labels":"a"}|..., bigger context ...|{"labels":"a"}|...`,
	} {
		t.Run(body, func(t *testing.T) {
			a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/body", Body: body})
			checkError(t, a, 400, "invalid_argument", "decode request: "+message)
		})
	}
}

func TestValidate(t *testing.T) {
	a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/body", Body: `{"title":"not now"}`})
	checkError(t, a, 400, "failed_precondition", "not now")
}
