package wire

import (
	"strings"
	"testing"

	"encore.app/e2e/backend"
)

func TestQuery(t *testing.T) {
	for name, test := range map[string]struct{ query, want string }{
		"all":           {"?limit=5&tag=a&tag=b%20c&done=true&page_size=7", answerOfQuery("5", `["a","b c"]`, "true", "7")},
		"none":          {"", answerOfQuery("0", "null", "false", "0")},
		"empty":         {"?limit=&done=", answerOfQuery("0", "null", "false", "0")},
		"no value":      {"?limit", answerOfQuery("0", "null", "false", "0")},
		"twice":         {"?limit=1&limit=2", answerOfQuery("1", "null", "false", "0")},
		"sign":          {"?limit=%2B5", answerOfQuery("5", "null", "false", "0")},
		"comma":         {"?tag=a,b", answerOfQuery("0", `["a,b"]`, "false", "0")},
		"plus":          {"?tag=a+b", answerOfQuery("0", `["a b"]`, "false", "0")},
		"short boolean": {"?done=1", answerOfQuery("0", "null", "true", "0")},
		"field's name":  {"?PageSize=7", answerOfQuery("0", "null", "false", "0")},
		"unknown":       {"?nope=1", answerOfQuery("0", "null", "false", "0")},
		"bad escape":    {"?tag=%zz", answerOfQuery("0", "null", "false", "0")},
		"semicolon":     {"?tag=a;b", answerOfQuery("0", "null", "false", "0")},
	} {
		t.Run(name, func(t *testing.T) {
			a := probe(t).Get(t, "/query"+test.query, "")
			checkAnswer(t, a, 200, test.want)
		})
	}
}

// answerOfQuery is the answer of the endpoint, whose lists have a line for each item.
func answerOfQuery(limit, tags, done, pageSize string) string {
	tags = strings.NewReplacer("[", "[\n    ", ",\"", ",\n    \"", "]", "\n  ]").Replace(tags)
	return "{\n  \"limit\": " + limit + ",\n  \"tags\": " + tags + ",\n  \"done\": " + done + ",\n  \"PageSize\": " + pageSize + "\n}\n"
}

func TestQueryOfWrongType(t *testing.T) {
	for query, message := range map[string]string{
		"limit=abc":                  `limit: invalid parameter: strconv.ParseInt: parsing "abc": invalid syntax`,
		"limit=5.0":                  `limit: invalid parameter: strconv.ParseInt: parsing "5.0": invalid syntax`,
		"limit=0x10":                 `limit: invalid parameter: strconv.ParseInt: parsing "0x10": invalid syntax`,
		"limit=%205":                 `limit: invalid parameter: strconv.ParseInt: parsing " 5": invalid syntax`,
		"limit=99999999999999999999": `limit: invalid parameter: strconv.ParseInt: parsing "99999999999999999999": value out of range`,
		"done=yes":                   `done: invalid parameter: strconv.ParseBool: parsing "yes": invalid syntax`,
		"page_size=x":                `page_size: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`,
		"done=x&limit=x":             `limit: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`,
	} {
		t.Run(query, func(t *testing.T) {
			checkRefusal(t, probe(t).Get(t, "/query?"+query, ""), 400, "invalid_argument", "decode request: "+message)
		})
	}
}

func TestHeader(t *testing.T) {
	send := func(value string) backend.Answer {
		return probe(t).Do(t, backend.Request{Path: "/query", Header: map[string]string{"X-Account": value}})
	}
	a := send("12")
	checkAnswer(t, a, 200, answerOfQuery("0", "null", "false", "0"))
	if got := a.Header.Get("X-Account"); got != "12" {
		t.Errorf("the answer's X-Account is %q, want 12", got)
	}
	checkRefusal(t, send("x"), 400, "invalid_argument",
		`decode request: x-account: invalid parameter: strconv.ParseInt: parsing "x": invalid syntax`)
}

func TestPath(t *testing.T) {
	for path, text := range map[string]string{
		"/number/42":            "even",
		"/number/-41":           "odd",
		"/text/abc":             "abc",
		"/text/a+b":             "a+b",
		"/text/a:b;c=d":         "a:b;c=d",
		"/text/a%2Fb":           "a/b",
		"/text/a%20b%25c%C3%A9": "a b%cé",
		"/text/%2e%2e":          "..",
		"/text/a?text=b":        "a",
		"/rest/a/b":             "a/b",
		"/rest/a%2Fb/c%20d/":    "a/b/c d/",
		"/rest/":                "",
	} {
		t.Run(path, func(t *testing.T) {
			checkAnswer(t, probe(t).Get(t, path, ""), 200, "{\n  \"text\": "+quote(text)+"\n}\n")
		})
	}
}

func TestPathOfWrongType(t *testing.T) {
	for n, reason := range map[string]string{
		"abc":                  "invalid syntax",
		"1.0":                  "invalid syntax",
		"%2F":                  "invalid syntax",
		"99999999999999999999": "value out of range",
	} {
		checkRefusal(t, probe(t).Get(t, "/number/"+n, ""), 400, "invalid_argument",
			`decode request: n: invalid parameter: strconv.ParseInt: parsing "`+n+`": `+reason)
	}
}

func TestBody(t *testing.T) {
	empty := answerOfBody(`""`, "null", "0", "null", "false")
	titled := answerOfBody(`"a"`, "null", "0", "null", "false")
	for name, test := range map[string]struct{ body, want string }{
		"all":                {`{"title":"a","note":"n","count":3,"labels":["x","y"]}`, answerOfBody(`"a"`, `"n"`, "3", `["x","y"]`, "false")},
		"empty object":       {`{}`, empty},
		"null":               {`null`, empty},
		"nulls":              {`{"title":null,"note":null,"count":null,"labels":null}`, empty},
		"unknown field":      {`{"title":"a","nope":{"x":[1]}}`, titled},
		"repeated field":     {`{"title":"b","title":"a"}`, titled},
		"other letter case":  {`{"TITLE":"a"}`, titled},
		"field of the query": {`{"title":"a","dry":true,"Dry":true}`, titled},
		"white space":        {"  \n", empty},
		"array":              {`[]`, empty},
		"string":             {`"a"`, empty},
		"no JSON at all":     {`<title/>`, empty},
		"names unquoted":     {`{title:1}`, empty},
		"text after it":      {`{"title":"a"} x`, titled},
		"two objects":        {`{"title":"b"}{"title":"a"}`, titled},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"POST", "PATCH"} {
				checkAnswer(t, probe(t).Do(t, backend.Request{Method: method, Path: "/body", Body: test.body}), 200, test.want)
			}
		})
	}
}

func answerOfBody(title, note, count, labels, dry string) string {
	labels = strings.NewReplacer("[", "[\n    ", ",", ",\n    ", "]", "\n  ]").Replace(labels)
	return "{\n  \"title\": " + title + ",\n  \"note\": " + note + ",\n  \"count\": " + count + ",\n  \"labels\": " + labels + ",\n  \"dry\": " + dry + "\n}\n"
}

func TestBodyWithQuery(t *testing.T) {
	a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/body?dry=true&title=b", Body: `{"title":"a"}`})
	checkAnswer(t, a, 200, answerOfBody(`"a"`, "null", "0", "null", "true"))
}

func TestBodyOfAnyContentType(t *testing.T) {
	for _, contentType := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
		a := probe(t).Do(t, backend.Request{
			Method: "POST", Path: "/body", Body: `{"title":"a"}`,
			Header: map[string]string{"Content-Type": contentType},
		})
		checkAnswer(t, a, 200, answerOfBody(`"a"`, "null", "0", "null", "false"))
	}
}

func TestBadBody(t *testing.T) {
	for name, test := range map[string]struct{ body, message string }{
		"missing": {"", "request_body: missing request body: missing request body"},
		"cut off": {`{"title":`, `Title: invalid json parameter: ReadString: expects " or n, but found ` + "\x00" +
			`, error found in #9 byte of ...|{"title":|..., bigger context ...|{"title":|...`},
		"cut off number": {`{"count":1`, "Count: invalid json parameter: EOF"},
		"wrong type": {`{"title":1}`, `Title: invalid json parameter: ReadString: expects " or n, but found 1, ` +
			`error found in #10 byte of ...|{"title":1}|..., bigger context ...|{"title":1}|...`},
		"fraction": {`{"count":1.5}`, `Count: invalid json parameter: assertInteger: can not decode float as int, ` +
			`error found in #10 byte of ...|{"count":1.5}|..., bigger context ...|{"count":1.5}|...`},
		"no list": {`{"labels":"a"}`, `Labels: invalid json parameter: []string: decode slice: expect [ or n, but found ", ` +
			`error found in #10 byte of ...|"labels":"a"}|..., bigger context ...|{"labels":"a"}|...`},
	} {
		t.Run(name, func(t *testing.T) {
			a := probe(t).Do(t, backend.Request{Method: "POST", Path: "/body", Body: test.body})
			checkRefusal(t, a, 400, "invalid_argument", "decode request: "+test.message)
		})
	}
}

func TestValidate(t *testing.T) {
	b := probe(t)
	checkAnswer(t, b.Get(t, "/valid", ""), 200, "")
	checkRefusal(t, b.Get(t, "/valid?refuse=code", ""), 400, "failed_precondition", "not now")
	checkRefusal(t, b.Get(t, "/valid?refuse=plain", ""), 400, "invalid_argument", "validation failed: title is empty")
}
