package token

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

type raw = json.RawMessage

func (f tokenFactory) verifierFor(change func(*Config)) *Verifier {
	f.Helper()
	keys, err := NewStaticKeySet(jwks(f, f.signer))
	if err != nil {
		f.Fatal(err)
	}
	cfg := config()
	change(&cfg)
	v, err := newVerifier(cfg, keys, clock)
	if err != nil {
		f.Fatal(err)
	}
	return v
}

func TestVerify_Organization(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	const acme = "orgacme00001"
	urn := func(id string) string { return "urn:logto:organization:" + id }
	type claims = map[string]any
	tests := []struct {
		name   string
		claims claims
		allow  bool   // OrganizationTokens
		want   string // the organization
		reason string // empty if it is accepted
	}{
		{"no organization", claims{}, false, "", ""},
		{"beside our audience", claims{"organization_id": acme}, false, acme, ""},
		{"beside our audience, organization tokens allowed", claims{"organization_id": acme}, true, acme, ""},
		{"as the audience", claims{"aud": urn(acme)}, true, acme, ""},
		{"as the only audience of an array", claims{"aud": []string{urn(acme)}}, true, acme, ""},
		{"as the audience, and the same beside it", claims{"aud": urn(acme), "organization_id": acme}, true, acme, ""},
		{"null", claims{"organization_id": nil}, false, "", ""},
		{"as the audience, and null beside it", claims{"aud": urn(acme), "organization_id": nil}, true, acme, ""},
		{"Auth0's claim", claims{"org_id": acme}, false, "", ""},

		{"as the audience, not allowed", claims{"aud": urn(acme)}, false, "", "audience"},
		{"as the audience, and another beside it", claims{"aud": urn(acme), "organization_id": "orgother0001"}, true, "", "organization"},
		{"two in the audience", claims{"aud": []string{urn(acme), urn("orgother0001")}}, true, "", "audience"},
		{"twice in the audience", claims{"aud": []string{urn(acme), urn(acme)}}, true, "", "audience"},
		{"in an audience with ours before it", claims{"aud": []string{audience, urn(acme)}}, true, "", "audience"},
		{"in an audience with ours after it", claims{"aud": []string{urn(acme), audience}}, true, "", "audience"},
		{"in an audience with ours, not allowed", claims{"aud": []string{audience, urn(acme)}}, false, "", "audience"},
		{"audience without an id", claims{"aud": urn("")}, true, "", "organization"},
		{"audience without an id, which is beside it", claims{"aud": urn(""), "organization_id": acme}, true, "", "organization"},
		{"audience without the last colon", claims{"aud": "urn:logto:organization"}, true, "", "audience"},
		{"audience in upper case", claims{"aud": strings.ToUpper(urn(acme))}, true, "", "audience"},
		{"audience with a blank before it", claims{"aud": " " + urn(acme)}, true, "", "audience"},
		{"audience of another kind", claims{"aud": "urn:logto:resource:organizations"}, true, "", "audience"},
		{"audience with NUL", claims{"aud": urn("a\x00b")}, true, "", "organization"},
		{"audience with a newline", claims{"aud": urn(acme + "\n")}, true, "", "organization"},
		{"long audience", claims{"aud": urn(strings.Repeat("a", maxID+1))}, true, "", "organization"},
		{"audience with half a surrogate pair", claims{"aud": raw(`"` + urn(`\ud800`) + `"`)}, true, "", "organization"},
		{"empty", claims{"organization_id": ""}, false, "", "organization"},
		{"NUL", claims{"organization_id": "a\x00b"}, false, "", "organization"},
		{"escape", claims{"organization_id": "a\x1b[2J"}, false, "", "organization"},
		{"long", claims{"organization_id": strings.Repeat("a", maxID+1)}, false, "", "organization"},
		{"half a surrogate pair", claims{"organization_id": raw(`"a\udc00"`)}, false, "", "organization"},
		{"a number", claims{"organization_id": 1}, false, "", "malformed"},
		{"an array", claims{"organization_id": []string{acme}}, false, "", "malformed"},
		{"an object", claims{"organization_id": map[string]string{"id": acme}}, false, "", "malformed"},
		{"true", claims{"organization_id": true}, false, "", "malformed"},
		{"in another letter case", claims{"Organization_ID": acme}, false, "", "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := f.verifierFor(func(c *Config) { c.OrganizationTokens = tt.allow })
			token := goodClaims()
			for name, value := range tt.claims {
				token[name] = value
			}
			got, err := v.Verify(t.Context(), f.sign(t, f.header(), token))
			if tt.reason != "" {
				wantReason(t, err, tt.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.OrganizationID != tt.want {
				t.Errorf("organization = %q, want %q", got.OrganizationID, tt.want)
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		token := f.sign(t, f.header(), insert(f, with(goodClaims(), "organization_id", acme), `"organization_id":"orgother0001",`))
		_, err := f.verifierFor(func(*Config) {}).Verify(t.Context(), token)
		wantReason(t, err, "malformed")
	})
}

// A claim of the wrong type gives no roles, but the token is still accepted.
func TestVerify_Roles(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	v := f.verifierFor(func(*Config) {})
	many := func(n int) string { return "[" + strings.Repeat(`"a",`, n-1) + `"a"]` }
	long := strings.Repeat("a", maxRole)
	tests := []struct {
		name, value string
		want        []string
	}{
		{"one", `["admin"]`, []string{"admin"}},
		{"two, with blanks", " [ \"report-editor\"\t,\n\"user admin\" ] ", []string{"report-editor", "user admin"}},
		{"escapes", `["\u0061dmin","a\"b","c\\","[","]",","]`, []string{"admin", `a"b`, `c\`, "[", "]", ","}},
		{"non-ASCII letters", `["Übersetzer","管理者"]`, []string{"Übersetzer", "管理者"}},
		{"the longest", `["` + long + `"]`, []string{long}},
		{"the most", many(maxRoles), strings.Split(strings.Repeat("a ", maxRoles-1)+"a", " ")},
		{"none", `[]`, []string{}},
		{"null", `null`, nil},

		{"a string", `"admin"`, nil},
		{"a string of several", `"admin editor"`, nil},
		{"an object", `{"admin":true}`, nil},
		{"objects, as Logto's context has them", `[{"id":"1","name":"admin"}]`, nil},
		{"a number", `1`, nil},
		{"true", `true`, nil},
		{"a number in an array", `["admin",1]`, nil},
		{"null in an array", `["admin",null]`, nil},
		{"an array in an array", `[["admin"]]`, nil},
		{"an object after a string", `["admin",{"a":["b"]}]`, nil},
		{"an empty role", `["admin",""]`, nil},
		{"NUL in a role", `["admin","a\u0000b"]`, nil},
		{"too long a role", `["admin","` + long + `a"]`, nil},
		{"too many", many(maxRoles + 1), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), f.sign(t, f.header(), insert(f, goodClaims(), `"roles":`+tt.value+`,`)))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Roles, tt.want) {
				t.Errorf("roles = %q, want %q", got.Roles, tt.want)
			}
		})
	}
	t.Run("10,000", func(t *testing.T) {
		_, err := v.Verify(t.Context(), f.sign(t, f.header(), insert(f, goodClaims(), `"roles":`+many(10_000)+`,`)))
		wantReason(t, err, "too_long")
	})
	t.Run("twice", func(t *testing.T) {
		_, err := v.Verify(t.Context(), f.sign(t, f.header(), insert(f, goodClaims(), `"roles":["a"],"roles":["admin"],`)))
		wantReason(t, err, "malformed")
	})
}

func TestVerify_Profile(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	v := f.verifierFor(func(*Config) {})
	fields := map[string]func(*Claims) string{
		"email":    func(c *Claims) string { return c.Email },
		"name":     func(c *Claims) string { return c.Name },
		"username": func(c *Claims) string { return c.Username },
		"picture":  func(c *Claims) string { return c.Picture },
	}
	type test struct{ value, want string }
	texts := []test{
		{`"alice"`, "alice"},
		{`"\u00c5sa \ud83d\ude00"`, "Åsa 😀"},
		{`"a\ud800b"`, "a\ufffdb"}, // half a surrogate pair becomes valid UTF-8
		{`"\" \\ \/"`, `" \ /`},
		{`""`, ""},
		{`null`, ""},
		{`1`, ""},
		{`true`, ""},
		{`["alice"]`, ""},
		{`{"$ne":""}`, ""},
		{`"a\u0000b"`, ""},
		{`"a\nb"`, ""},
		{`"a\u001b[2Jb"`, ""},
		{`"a\u0085b"`, ""},
		{`"` + strings.Repeat("a", 3000) + `"`, ""},
	}
	tests := map[string][]test{
		"email":    append(texts, test{`"` + strings.Repeat("a", maxEmail) + `"`, strings.Repeat("a", maxEmail)}, test{`"` + strings.Repeat("a", maxEmail+1) + `"`, ""}),
		"name":     append(texts, test{`"` + strings.Repeat("a", maxName) + `"`, strings.Repeat("a", maxName)}, test{`"` + strings.Repeat("a", maxName+1) + `"`, ""}),
		"username": texts,
		"picture": {
			{`"https://img.example/a.png?s=1#x"`, "https://img.example/a.png?s=1#x"},
			{`"http://img.example"`, "http://img.example"},
			{`"javascript:alert(1)"`, ""},
			{`"data:image/png;base64,AAAA"`, ""},
			{`"//img.example/a.png"`, ""},
			{`"/a.png"`, ""},
			{`"https:///a.png"`, ""},
			{`"ftp://img.example/a.png"`, ""},
			{`"https://img.example/\u0000"`, ""},
			{`"https://img.example/` + strings.Repeat("a", maxURL) + `"`, ""},
			{`"%"`, ""},
			{`""`, ""},
			{`null`, ""},
			{`["https://img.example/a.png"]`, ""},
		},
	}
	for name, field := range fields {
		for _, tt := range tests[name] {
			t.Run(name+" "+tt.value[:min(len(tt.value), 30)], func(t *testing.T) {
				got, err := v.Verify(t.Context(), f.sign(t, f.header(), insert(f, goodClaims(), `"`+name+`":`+tt.value+`,`)))
				if err != nil {
					t.Fatal(err)
				}
				if field(got) != tt.want {
					t.Errorf("%q, want %q", field(got), tt.want)
				}
				for other, field := range fields {
					if other != name && field(got) != "" {
						t.Errorf("%s is %q", other, field(got))
					}
				}
			})
		}
	}
	t.Run("in another letter case", func(t *testing.T) {
		got, err := v.Verify(t.Context(), f.withText("", `"Name":"alice","EMAIL":"a@b.example",`))
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "" || got.Email != "" {
			t.Errorf("claims = %+v", got)
		}
	})
	t.Run("not UTF-8", func(t *testing.T) {
		_, err := v.Verify(t.Context(), f.withText("", "\"name\":\"a\xffb\","))
		wantReason(t, err, "malformed")
	})
	t.Run("twice", func(t *testing.T) {
		_, err := v.Verify(t.Context(), f.withText("", `"name":"alice","name":"bob",`))
		wantReason(t, err, "malformed")
	})
}

func TestVerify_CustomClaimPrefix(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	const namespace = "https://example.com/"
	v := f.verifierFor(func(c *Config) { c.CustomClaimPrefix = namespace })
	got, err := v.Verify(t.Context(), f.withText("", `"https://example.com/roles":["admin"],"https://example.com/name":"Alice",
		"roles":["not ours"],"email":"not.ours@example.com","https://example.com/Username":"other",`))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Roles, []string{"admin"}) || got.Name != "Alice" || got.Email != "" || got.Username != "" {
		t.Errorf("claims = %+v", got)
	}
}

func TestVerify_Machine(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	v := f.verifierFor(func(*Config) {})
	for name, tt := range map[string]struct {
		subject string
		want    bool
	}{
		"a person":                    {"lu3heutt50ua", false},
		"the application":             {clientID, true},
		"another application of ours": {"another application of ours", false},
		"in another letter case":      {strings.ToUpper(clientID), false},
		"as Auth0 spells it":          {clientID + "@clients", false},
		"the application with a tail": {clientID + "x", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), f.withClaim("sub", tt.subject))
			if err != nil {
				t.Fatal(err)
			}
			if got.Machine != tt.want {
				t.Errorf("machine = %v", got.Machine)
			}
		})
	}
}

// It accepts other audiences, but makes all other checks.
func TestVerifyAnyAudience(t *testing.T) {
	f := newTokenFactory(t, jwt.SigningMethodES256)
	v, keys := counted(t, f.signer, clock)
	ours, other := f.token(), f.withClaim("aud", "https://other.example")
	verify := func(compact string, wantReads int32) {
		t.Helper()
		got, err := v.VerifyAnyAudience(t.Context(), compact)
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != "lu3heutt50ua" {
			t.Errorf("subject = %q", got.Subject)
		}
		if want := compact != ours; got.OtherAPI != want {
			t.Errorf("OtherAPI = %v, want %v", got.OtherAPI, want)
		}
		if n := keys.reads.Load(); n != wantReads {
			t.Errorf("%d signature checks, want %d", n, wantReads)
		}
	}
	reject := func() {
		t.Helper()
		_, err := v.Verify(t.Context(), other)
		wantReason(t, err, "audience")
	}
	reject()
	verify(other, 1)
	verify(other, 1) // cached, but not for Verify
	reject()
	verify(ours, 2)
	verify(f.withClaim("aud", "urn:logto:organization:orgacme00001"), 3)

	for reason, compact := range map[string]string{
		"signature":           newTokenFactory(t, jwt.SigningMethodES256).withClaim("aud", "https://other.example"),
		"issuer":              f.withClaim("iss", "https://evil.example/oidc"),
		"client_id":           f.withClaim("client_id", "other"),
		"expired":             f.sign(t, f.header(), with(with(goodClaims(), "aud", "https://other.example"), "exp", 1)),
		"claim_missing":       f.withoutClaim("aud"),
		"not_an_access_token": f.withClaim("aud", clientID),
		"organization": f.sign(t, f.header(), with(with(goodClaims(),
			"aud", "urn:logto:organization:orgacme00001"), "organization_id", "orgother0001")),
		"malformed": other + "x.",
		"too_long":  other + strings.Repeat("x", maxLength),
	} {
		_, err := v.VerifyAnyAudience(t.Context(), compact)
		t.Run(reason, func(t *testing.T) { wantReason(t, err, reason) })
	}
	for _, beside := range []string{"https://other.example", audience} {
		_, err := v.VerifyAnyAudience(t.Context(), f.withClaim("aud", []string{beside, "urn:logto:organization:orgacme00001"}))
		wantReason(t, err, "organization")
	}
}
