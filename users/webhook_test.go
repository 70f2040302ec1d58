package users

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"encore.app/internal/trace/tracetest"
	"encore.app/users/logto"
)

// recorded has deliveries of a real Logto.
//
//go:embed testdata/webhooks.json
var recorded []byte

type recording struct {
	Trigger, SigningKey, Signature, RawBody string
}

func recordings(t *testing.T) (all []recording) {
	t.Helper()
	if err := json.Unmarshal(recorded, &all); err != nil || len(all) == 0 {
		t.Fatal("no recordings:", err)
	}
	return all
}

const signingKey = "a signing key"

// now is the time of the receiver, after all recordings.
var now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func testReceiver(signingKey string) *receiver {
	d := newReceiver(signingKey)
	d.now = func() time.Time { return now }
	return d
}

func sign(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func deliver(d *receiver, body, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/webhooks/logto", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if signature != "" {
		r.Header.Set("logto-signature-sha-256", signature)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func mustDeliver(t *testing.T, body string) {
	t.Helper()
	if w := deliver(testReceiver(signingKey), body, sign(signingKey, []byte(body))); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Fatalf("status %d: %s, for %s", w.Code, w.Body, body)
	}
}

func wantRejected(t *testing.T, w *httptest.ResponseRecorder, status int, code, message string) {
	t.Helper()
	var body struct {
		Code, Message string
		Details       *struct {
			RetryAfter int `json:"retry_after"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("status %d: %q: %v", w.Code, w.Body, err)
	}
	if w.Code != status || body.Code != code || !strings.Contains(body.Message, message) {
		t.Errorf("status %d: %s, want %d, %s and a message about %q", w.Code, w.Body, status, code, message)
	}
	if retry := body.Details != nil && body.Details.RetryAfter > 0 && w.Header().Get("Retry-After") == "1"; retry != (status == http.StatusServiceUnavailable) {
		t.Errorf("Retry-After is set: %t, with status %d", retry, status)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: %q", got)
	}
}

type row struct { // of a person, or a tombstone
	id                                    int64
	username, email, phone, name, picture string // "-" for null
	suspended, deleted, seen              bool
}

func findRow(t *testing.T, logtoID string) *row {
	t.Helper()
	r := &row{}
	rows, err := db.Query(t.Context(), `
		SELECT id, COALESCE(username, '-'), COALESCE(email, '-'), COALESCE(phone, '-'), COALESCE(name, '-'), COALESCE(picture, '-'),
			suspended, deleted_at IS NOT NULL, last_seen_at IS NOT NULL
		FROM users WHERE logto_id = $1
	`, logtoID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return nil
	}
	if err := rows.Scan(&r.id, &r.username, &r.email, &r.phone, &r.name, &r.picture, &r.suspended, &r.deleted, &r.seen); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWebhook_Recorded(t *testing.T) {
	carol := func(name string, suspended bool) *row {
		return &row{username: "carol", email: "carol@example.com", phone: "-", name: name, picture: "-", suspended: suspended}
	}
	bob := func(suspended bool) *row {
		return &row{username: "bob", email: "bob@example.com", phone: "-", name: "Bob Example", picture: "-", suspended: suspended}
	}
	dave := &row{username: "dave", email: "-", phone: "-", name: "-", picture: "-"}
	gone := &row{username: "-", email: "-", phone: "-", name: "-", picture: "-", deleted: true}
	wants := []struct {
		person string
		row    *row
	}{
		{"ettpv0lnao4r", carol("Carol", false)},
		{"ettpv0lnao4r", carol("Carol Two", false)},
		{"ettpv0lnao4r", carol("Carol Two", false)}, // custom data
		{"ettpv0lnao4r", carol("Carol Two", false)}, // profile
		{"ettpv0lnao4r", carol("Carol Two", false)}, // password
		{"ettpv0lnao4r", carol("Carol Two", true)},
		{"ettpv0lnao4r", carol("Carol Two", true)}, // organization
		{"ettpv0lnao4r", carol("Carol Three", true)},
		{"ettpv0lnao4r", gone},
		{"fake-id", nil},
		{"71u9dcjzb571", dave},
		{"71u9dcjzb571", dave}, // PostRegister
		{"71u9dcjzb571", gone},
		{"ucghja3c4rjt", bob(true)},
		{"ucghja3c4rjt", bob(false)},
		{"ucghja3c4rjt", bob(false)}, // PostSignIn
	}
	for i, r := range recordings(t) {
		t.Run(r.Trigger, func(t *testing.T) {
			for _, again := range []bool{false, true} {
				w := deliver(testReceiver(r.SigningKey), r.RawBody, r.Signature)
				if w.Code != http.StatusNoContent || w.Body.Len() > 0 {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				got, want := findRow(t, wants[i].person), wants[i].row
				if (got == nil) != (want == nil) {
					t.Fatalf("row = %+v, want %+v", got, want)
				}
				if got != nil {
					got.id = 0
					if *got != *want {
						t.Errorf("row = %+v, want %+v (delivered again: %t)", got, want, again)
					}
				}
			}
		})
	}
}

func TestWebhook_RepeatedDelivery(t *testing.T) {
	for _, r := range recordings(t) {
		if !strings.Contains(r.RawBody, `"id":"ucghja3c4rjt"`) {
			continue
		}
		deliver(testReceiver(r.SigningKey), r.RawBody, r.Signature)
		before := rowVersion(t, "ucghja3c4rjt")
		deliver(testReceiver(r.SigningKey), r.RawBody, r.Signature)
		if rowVersion(t, "ucghja3c4rjt") != before {
			t.Errorf("%s: the row was written again", r.Trigger)
		}
	}
}

// TestWebhook_SenderGone: Logto never repeats a delivery.
func TestWebhook_SenderGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	id := rand.Text()
	body := eventJSON("User.Created", userJSON(id, nil))
	r := httptest.NewRequestWithContext(ctx, "POST", "/webhooks/logto", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("logto-signature-sha-256", sign(signingKey, []byte(body)))
	testReceiver(signingKey).ServeHTTP(httptest.NewRecorder(), r)
	if findRow(t, id) == nil {
		t.Error("the person has no row")
	}
}

func TestWebhook_Signature(t *testing.T) {
	r := recordings(t)[0]
	d := testReceiver(r.SigningKey)
	flipped := []byte(r.Signature)
	flipped[0] ^= 1
	tests := []struct{ name, body, signature string }{
		{"of another body", r.RawBody, recordings(t)[1].Signature},
		{"another's", r.RawBody, recordings(t)[1].Signature},
		{"of another key", r.RawBody, sign("another key", []byte(r.RawBody))},
		{"of an empty key", r.RawBody, sign("", []byte(r.RawBody))},
		{"one bit off", r.RawBody, string(flipped)},
		{"upper case", r.RawBody, strings.ToUpper(r.Signature)},
		{"prefix", r.RawBody, "sha256=" + r.Signature},
		{"cut short", r.RawBody, r.Signature[:63]},
		{"not hexadecimal", r.RawBody, r.Signature[:63] + "g"},
		{"doubled", r.RawBody, r.Signature + r.Signature},
		{"10 KB", r.RawBody, strings.Repeat("a", 10_000)},
		{"body with a space added", r.RawBody + " ", r.Signature},
		{"body cut short", r.RawBody[:len(r.RawBody)-1], r.Signature},
		{"body with other escapes", strings.ReplaceAll(r.RawBody, `"Carol"`, `"\u0043arol"`), r.Signature},
		{"empty body", "", r.Signature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantRejected(t, deliver(d, tt.body, tt.signature), http.StatusUnauthorized, "unauthenticated", "signature")
		})
	}
	t.Run("two headers", func(t *testing.T) {
		req := httptest.NewRequest("POST", "/webhooks/logto", strings.NewReader(r.RawBody))
		req.Header.Set("Content-Type", "application/json")
		req.Header["Logto-Signature-Sha-256"] = []string{r.Signature, r.Signature}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, req)
		wantRejected(t, w, http.StatusUnauthorized, "unauthenticated", "signature")
	})
}

// TestWebhook_NoSigningKey: a signature with the empty key must not be accepted either.
func TestWebhook_NoSigningKey(t *testing.T) {
	body := recordings(t)[0].RawBody
	for _, signature := range []string{"", sign("", []byte(body))} {
		wantRejected(t, deliver(testReceiver(""), body, signature), http.StatusNotFound, "not_found", "not configured")
	}
}

func TestWebhook_Transport(t *testing.T) {
	d := testReceiver(signingKey)
	send := func(contentType string, body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/webhooks/logto", body)
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; ="} {
		t.Run("content type "+contentType, func(t *testing.T) {
			wantRejected(t, send(contentType, strings.NewReader("{}")), http.StatusUnsupportedMediaType, "invalid_argument", "content type")
		})
	}
	for _, contentType := range []string{"application/json; charset=utf-8", "Application/JSON"} {
		t.Run("content type "+contentType, func(t *testing.T) {
			wantRejected(t, send(contentType, strings.NewReader("{}")), http.StatusUnauthorized, "unauthenticated", "signature")
		})
	}
	t.Run("1 MiB", func(t *testing.T) {
		body := bytes.Repeat([]byte(" "), maxDelivery)
		wantRejected(t, send("application/json", bytes.NewReader(body)), http.StatusUnauthorized, "unauthenticated", "signature")
	})
	t.Run("more than 1 MiB", func(t *testing.T) {
		body := bytes.Repeat([]byte(" "), maxDelivery+1)
		wantRejected(t, send("application/json", bytes.NewReader(body)), http.StatusRequestEntityTooLarge, "invalid_argument", "1 MiB")
	})
	t.Run("broken off", func(t *testing.T) {
		body := io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))
		wantRejected(t, send("application/json", body), http.StatusBadRequest, "invalid_argument", "incomplete")
	})
}

// TestWebhook_SlowSender checks that a sender that stops sending gets an answer.
func TestWebhook_SlowSender(t *testing.T) {
	d := testReceiver(signingKey)
	d.readTimeout = time.Millisecond
	server := httptest.NewServer(d)
	defer server.Close()
	for name, rest := range map[string]string{
		"known length": "Content-Length: 100\r\n\r\n{",
		"too long":     "Content-Length: 2000000\r\n\r\n{",
		"in chunks":    "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+rest); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusRequestTimeout {
				t.Errorf("status %d, want %d", resp.StatusCode, http.StatusRequestTimeout)
			}
		})
	}
}

// userJSON overrides fields with those of change. nil removes a field.
func userJSON(id string, change map[string]any) string {
	user := map[string]any{
		"id": id, "username": "alice", "primaryEmail": "alice@example.com", "primaryPhone": "123", "name": "Alice",
		"avatar": "https://pictures.example/alice", "isSuspended": false, "updatedAt": at(0).UnixMilli(),
	}
	for name, value := range change {
		if user[name] = value; value == nil {
			delete(user, name)
		}
	}
	data, err := json.Marshal(user)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func eventJSON(event, user string) string {
	return fmt.Sprintf(`{"event":%q,"data":%s}`, event, user)
}

func TestWebhook_Malformed(t *testing.T) {
	id := rand.Text()
	updated := func(change map[string]any) string { return eventJSON("User.Data.Updated", userJSON(id, change)) }
	tests := []struct{ name, body, message string }{
		{"empty", "", "not a webhook delivery"},
		{"no JSON", "hello", "not a webhook delivery"},
		{"null", "null", "event is missing"},
		{"number", "1", "not a webhook delivery"},
		{"list", "[]", "not a webhook delivery"},
		{"empty object", "{}", "event is missing"},
		{"cut short", updated(nil)[:100], "not a webhook delivery"},
		{"two objects", updated(nil) + updated(nil), "not a webhook delivery"},
		{"deeply nested", strings.Repeat("[", 200_000), "not a webhook delivery"},
		{"event of another type", `{"event":1}`, "not a webhook delivery"},
		{"route of another type", `{"event":"User.Created","matchedRoute":1}`, "not a webhook delivery"},
		{"data of another type", `{"event":"User.Created","data":[1]}`, "not a person"},
		{"data a text", `{"event":"User.Data.Updated","data":"alice"}`, "not a person"},
		{"deletion of a list", `{"event":"User.Deleted","data":[1]}`, "not a person"},
		{"params of another type", `{"event":"User.Deleted","params":"alice"}`, "params"},
		{"params with another type", `{"event":"User.Deleted","params":{"userId":1}}`, "params"},
		{"user of another type", `{"event":"PostSignIn","user":1}`, "not a person"},
		{"id of another type", updated(map[string]any{"id": 1}), "not a person"},
		{"id with NUL", updated(map[string]any{"id": "a\x00b"}), "id"},
		{"id with a line feed", updated(map[string]any{"id": "a\nb"}), "id"},
		{"id of 10 KB", updated(map[string]any{"id": strings.Repeat("a", 10_000)}), "id"},
		{"deleted id with NUL", `{"event":"User.Deleted","params":{"userId":"a\u0000b"}}`, "id"},
		{"deleted id of 10 KB", `{"event":"User.Deleted","data":{"id":"` + strings.Repeat("a", 10_000) + `"}}`, "id"},
		{"name of another type", updated(map[string]any{"name": map[string]any{}}), "not a person"},
		{"name with NUL", updated(map[string]any{"name": "\x00"}), "name"},
		{"name of 10 KB", updated(map[string]any{"name": strings.Repeat("a", 10_000)}), "name"},
		{"avatar of 10 KB", updated(map[string]any{"avatar": strings.Repeat("a", 10_000)}), "avatar"},
		{"no suspension", updated(map[string]any{"isSuspended": nil}), "isSuspended"},
		{"suspension of another type", updated(map[string]any{"isSuspended": "no"}), "not a person"},
		{"no time", updated(map[string]any{"updatedAt": nil}), "updatedAt"},
		{"time a text", updated(map[string]any{"updatedAt": "2026-11-20T21:40:33.483Z"}), "not a person"},
		{"time a text of a number", updated(map[string]any{"updatedAt": "1795210833480"}), "not a person"},
		{"time a fraction", updated(map[string]any{"updatedAt": 1795210833480.5}), "not a person"},
		{"time negative", updated(map[string]any{"updatedAt": -1}), "updatedAt"},
		{"time 0", updated(map[string]any{"updatedAt": 0}), "updatedAt"},
		{"time out of range", updated(map[string]any{"updatedAt": int64(9e18)}), "updatedAt"},
		{"time too large", strings.Replace(updated(nil), `"updatedAt":`, `"updatedAt":1`+strings.Repeat("0", 30), 1), "not a person"},
		{"time in the future", updated(map[string]any{"updatedAt": now.Add(logto.MaxClockSkew).UnixMilli() + 1}), "in the future"},
		{"time in the year 9999", updated(map[string]any{"updatedAt": int64(253_402_300_799_999)}), "in the future"},
		{"another person in params", `{"event":"User.Data.Updated","data":` + userJSON(id, nil) + `,"params":{"userId":"bob"}}`, "not the same person"},
		{"another person in params of a deletion", `{"event":"User.Deleted","data":` + userJSON(id, nil) + `,"params":{"userId":"bob"}}`, "not the same person"},
		{"another person signs in", `{"event":"PostSignIn","userId":"bob","user":` + userJSON(id, nil) + `}`, "not the same person"},
	}
	d := testReceiver(signingKey)
	var before int
	count := func() (n int) {
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM users`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before = count()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantRejected(t, deliver(d, tt.body, sign(signingKey, []byte(tt.body))), http.StatusBadRequest, "invalid_argument", tt.message)
		})
	}
	if after := count(); after != before {
		t.Errorf("%d people, before %d", after, before)
	}
}

func TestWebhook_Ignored(t *testing.T) {
	id := rand.Text()
	mustDeliver(t, eventJSON("User.Created", userJSON(id, nil)))
	before := rowVersion(t, id)
	other := userJSON(id, map[string]any{"name": "Mallory", "isSuspended": true, "updatedAt": at(60).UnixMilli()})
	for name, body := range map[string]string{
		"unknown event":           eventJSON("User.Renamed", other),
		"event in another case":   eventJSON("user.created", other),
		"organization":            `{"event":"Organization.Membership.Updated","organizationId":"o","params":{"id":"o"}}`,
		"no data":                 `{"event":"User.Created"}`,
		"null data":               `{"event":"User.Data.Updated","data":null,"params":null}`,
		"test delivery":           `{"event":"User.Data.Updated","params":{"id":"fake-id"},"data":{"result":"success"}}`,
		"test delivery, deletion": `{"event":"User.Deleted","params":{"id":"fake-id"},"data":{"result":"success"}}`,
		"test delivery, sign-in":  `{"event":"PostSignIn","sessionId":"fake-session-id","userId":"fake-id","user":` + userJSON("fake-id", nil) + `}`,
		"sign-in without a user":  `{"event":"PostSignIn","userId":"` + id + `"}`,
		// Otherwise a person could change others through their own custom data.
		"custom data like a person":     `{"event":"User.Data.Updated","matchedRoute":"/users/:userId/custom-data","params":{"userId":"` + id + `"},"data":` + other + `}`,
		"profile like a person":         `{"event":"User.Data.Updated","matchedRoute":"/users/:userId/profile","params":{"userId":"` + id + `"},"data":` + other + `}`,
		"custom data of another person": `{"event":"User.Data.Updated","matchedRoute":"/users/:userId/custom-data","params":{"userId":"mallory"},"data":` + other + `}`,
		"custom data, a string":         `{"event":"User.Data.Updated","matchedRoute":"/users/:userId/custom-data","params":{"userId":"` + id + `"},"data":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			mustDeliver(t, body)
			if rowVersion(t, id) != before {
				t.Errorf("the row was written: %+v", findRow(t, id))
			}
		})
	}
	if findRow(t, "fake-id") != nil {
		t.Error("the test delivery created a row")
	}
}

func TestWebhook_DatabaseDown(t *testing.T) {
	for name, e := range map[string]logto.Event{
		"state":    {State: &logto.State{ID: rand.Text(), UpdatedAt: at(0)}},
		"deletion": {Deleted: rand.Text()},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := applyEvent(ctx, &e); err == nil {
				t.Error("no error without a database")
			}
		})
	}
}

// lockPerson blocks changes to the person's row until release is called.
func lockPerson(t *testing.T, logtoID string) (release func()) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := lockPeople(t.Context(), tx, logtoID); err != nil {
		t.Fatal(err)
	}
	release = sync.OnceFunc(func() { tx.Rollback() })
	t.Cleanup(release)
	return release
}

func lockWaiters(t *testing.T) (pids []int) {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// awaitLockWaiters returns when n different connections have waited for a lock.
func awaitLockWaiters(t *testing.T, n int) {
	t.Helper()
	deadline := time.Now().Add(deliveryTimeout)
	for waiters := make(map[int]bool); len(waiters) < n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections have waited, want %d", len(waiters), n)
		}
		for _, pid := range lockWaiters(t) {
			waiters[pid] = true
		}
	}
}

func TestWebhook_Retries(t *testing.T) {
	id := rand.Text()
	release := lockPerson(t, id)
	body := eventJSON("User.SuspensionStatus.Updated", userJSON(id, map[string]any{"isSuspended": true}))
	answered := make(chan *httptest.ResponseRecorder)
	go func() { answered <- deliver(testReceiver(signingKey), body, sign(signingKey, []byte(body))) }()
	awaitLockWaiters(t, 3)
	release()
	if w := <-answered; w.Code != http.StatusNoContent {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if got := findRow(t, id); got == nil || !got.suspended {
		t.Errorf("row = %+v, want suspended", got)
	}
}

func TestWebhook_OnePersonLocked(t *testing.T) {
	held, other := rand.Text(), rand.Text()
	release := lockPerson(t, held)
	d := testReceiver(signingKey)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer release()
	for range 2 * maxConcurrentAttempts {
		wg.Go(func() {
			body := eventJSON("User.Data.Updated", userJSON(held, nil))
			deliver(d, body, sign(signingKey, []byte(body)))
		})
	}
	for d.attempts.TryAcquire(1) { // until all slots are taken
		d.attempts.Release(1)
		runtime.Gosched()
	}
	body := eventJSON("User.Data.Updated", userJSON(other, nil))
	if w := deliver(d, body, sign(signingKey, []byte(body))); w.Code != http.StatusNoContent {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestWebhook_MaxConcurrentAttempts(t *testing.T) {
	d, e := testReceiver(signingKey), &logto.Event{Deleted: rand.Text()}
	if !d.attempts.TryAcquire(maxConcurrentAttempts) {
		t.Fatal("not all slots are free")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := d.apply(ctx, e); err == nil || findRow(t, e.Deleted) != nil {
		t.Errorf("applied though no slot is free: err = %v", err)
	}
	d.attempts.Release(maxConcurrentAttempts)
	if err := d.apply(t.Context(), e); err != nil || findRow(t, e.Deleted) == nil {
		t.Errorf("not applied: err = %v", err)
	}
}

func TestWebhook_Timeout(t *testing.T) {
	if latest := deliveryTimeout + time.Second; latest >= 10*time.Second || deliveryReadTimeout >= deliveryTimeout {
		t.Errorf("Logto gets the answer after %s, but waits only 10 seconds", latest)
	}
	d := testReceiver(signingKey)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	release := lockPerson(t, "locked")
	defer release()
	if err := d.apply(ctx, &logto.Event{Deleted: "locked"}); err == nil {
		t.Error("applied in spite of the lock")
	}
}

// TestWebhook_BodyIsNotTraced: a delivery contains personal data.
func TestWebhook_BodyIsNotTraced(t *testing.T) {
	b := &tracetest.Body{Reader: strings.NewReader("{}")}
	newReceiver("").ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/webhooks/logto", b))
	if !b.Omitted {
		t.Error("the body is in the trace")
	}
}
