package users

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"encore.app/users/logto"
)

const (
	managementResource = "https://default.logto.app/api"
	managementClient   = "m2m"
	managementSecret   = "a secret"
)

// fakeLogto is a fake Management API. Its answers look like recordings of a real Logto.
type fakeLogto struct {
	*httptest.Server
	t      testing.TB
	signer *signer

	mu        sync.Mutex
	people    map[string]*fakePerson
	tokens    int                                                      // number of tokens issued; only the last one is valid
	intercept func(path string, w http.ResponseWriter) (answered bool) // called before each request
	requests  []string                                                 // paths with their queries
}

type fakePerson struct {
	ID           string         `json:"id"`
	Username     *string        `json:"username"`
	PrimaryEmail *string        `json:"primaryEmail"`
	PrimaryPhone *string        `json:"primaryPhone"`
	Name         *string        `json:"name"`
	Avatar       *string        `json:"avatar"`
	CustomData   map[string]any `json:"customData"`
	CreatedAt    int64          `json:"createdAt"`
	UpdatedAt    int64          `json:"updatedAt"`
	IsSuspended  bool           `json:"isSuspended"`
}

func newFakeLogto(t testing.TB) *fakeLogto {
	f := &fakeLogto{t: t, signer: newSigner(t), people: make(map[string]*fakePerson)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oidc/token", f.issueToken)
	mux.HandleFunc("GET /api/users", f.list)
	mux.HandleFunc("GET /api/users/{id}", f.read)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.requests = append(f.requests, r.URL.RequestURI())
		if f.intercept != nil && f.intercept(r.URL.RequestURI(), w) {
			return
		}
		if strings.HasPrefix(r.URL.Path, "/api/") && r.Header.Get("Authorization") != "Bearer "+f.token() {
			f.answer(w, http.StatusUnauthorized, map[string]any{"code": "auth.unauthorized", "message": "Unauthorized. Please check credentials and its scope."})
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// api returns a client that retries without delay, and makes this Logto the one that
// people sign in with.
func (f *fakeLogto) api() *logto.Management {
	f.t.Helper()
	f.signer.use(f.t)
	api, err := logto.NewManagement(logto.ManagementConfig{
		Endpoint: f.URL, Resource: managementResource, ClientID: managementClient, Secret: managementSecret,
		RetryWait: time.Nanosecond,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return api
}

func (f *fakeLogto) token() string { return f.signer.token(f.t, f.tokens) }

func (f *fakeLogto) issueToken(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id != managementClient || secret != strings.ReplaceAll(managementSecret, " ", "+") ||
		r.FormValue("grant_type") != "client_credentials" || r.FormValue("resource") != managementResource || r.FormValue("scope") != "all" {
		f.answer(w, http.StatusUnauthorized, map[string]any{"code": "oidc.invalid_client", "error": "invalid_client", "error_description": "client authentication failed"})
		return
	}
	f.tokens++
	f.answer(w, http.StatusOK, map[string]any{
		"access_token": f.token(), "expires_in": 3600, "token_type": "Bearer", "scope": "all",
	})
}

func (f *fakeLogto) list(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.FormValue("page"))
	size, _ := strconv.Atoi(r.FormValue("page_size"))
	if page < 1 || size < 1 || size > 100 {
		f.answer(w, http.StatusBadRequest, map[string]any{"code": "guard.invalid_pagination"})
		return
	}
	all := slices.SortedFunc(maps.Values(f.people), func(a, b *fakePerson) int {
		if a.CreatedAt != b.CreatedAt {
			return int(b.CreatedAt - a.CreatedAt)
		}
		return strings.Compare(a.ID, b.ID)
	})
	w.Header().Set("Total-Number", strconv.Itoa(len(all)))
	from := min((page-1)*size, len(all))
	f.answer(w, http.StatusOK, append([]*fakePerson{}, all[from:min(from+size, len(all))]...))
}

func (f *fakeLogto) read(w http.ResponseWriter, r *http.Request) {
	p, ok := f.people[r.PathValue("id")]
	if !ok {
		f.answer(w, http.StatusNotFound, map[string]any{"code": "entity.not_found", "message": "The resource does not exist."})
		return
	}
	f.answer(w, http.StatusOK, p)
}

func (f *fakeLogto) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		f.t.Log(err)
	}
}

// add adds a person with a profile, created and last changed at at(created).
func (f *fakeLogto) add(id string, created int) *fakePerson {
	p := &fakePerson{
		ID: id, Username: new("u" + id), Name: new("Name of " + id), CustomData: map[string]any{"plan": "pro"},
		CreatedAt: at(created).UnixMilli(), UpdatedAt: at(created).UnixMilli(),
	}
	f.people[id] = p
	return p
}

func (p *fakePerson) row() row {
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	return row{
		username: text(p.Username), email: text(p.PrimaryEmail), phone: text(p.PrimaryPhone), name: text(p.Name), picture: text(p.Avatar),
		suspended: p.IsSuspended,
	}
}

// hideFromList leaves these people out of all pages.
func (f *fakeLogto) hideFromList(ids ...string) {
	f.intercept = func(path string, w http.ResponseWriter) bool {
		if !strings.HasPrefix(path, "/api/users?") {
			return false
		}
		var listed []*fakePerson
		if strings.HasPrefix(path, "/api/users?page=1&") {
			for id, p := range f.people {
				if !slices.Contains(ids, id) {
					listed = append(listed, p)
				}
			}
		}
		w.Header().Set("Total-Number", strconv.Itoa(len(f.people)))
		f.answer(w, http.StatusOK, append([]*fakePerson{}, listed...))
		return true
	}
}
