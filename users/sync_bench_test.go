package users

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"testing"
	"time"

	"encore.app/users/logto"
)

// BenchmarkSync reports people per second and how much the heap grew at most, which must
// not depend on the number of people.
func BenchmarkSync(b *testing.B) {
	for _, people := range []int{10_000, 100_000} {
		api := newFixedLogto(b, people)
		for _, first := range []bool{true, false} {
			name := fmt.Sprint(people, " people, unchanged")
			if first {
				name = fmt.Sprint(people, " people, new")
			}
			b.Run(name, func(b *testing.B) {
				var peak uint64
				for b.Loop() {
					if first {
						b.StopTimer()
						emptyTables(b)
						b.StartTimer()
					}
					done := watchHeap(&peak)
					resp, err := syncWith(b.Context(), api)
					done()
					if err != nil || resp.Seen != people || (resp.Changed == people) != first {
						b.Fatalf("response = %+v, err = %v", resp, err)
					}
				}
				b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
				b.ReportMetric(float64(peak)/(1<<20), "MiB-grown")
			})
		}
	}
	emptyTables(b)
}

// newFixedLogto generates people on the fly and keeps none in memory.
func newFixedLogto(b *testing.B, people int) *logto.Management {
	b.Helper()
	signer := newSigner(b)
	signer.use(b)
	token := signer.token(b, 0)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oidc/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600,"token_type":"Bearer"}`, token)
	})
	mux.HandleFunc("GET /api/users", func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.FormValue("page"))
		if err != nil || page < 1 || (page-1)*logto.PageSize >= people {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Total-Number", strconv.Itoa(people))
		body := []byte{'['}
		for i := range logto.PageSize {
			if i > 0 {
				body = append(body, ',')
			}
			n := people - (page-1)*logto.PageSize - i
			body = fmt.Appendf(body, `{"id":"user%08d","username":"user_%d","primaryEmail":"user%d@example.com","primaryPhone":null,`+
				`"name":"User Number %d","avatar":"https://pictures.example/%d","customData":{"plan":"pro"},"identities":{},`+
				`"lastSignInAt":1795210851899,"createdAt":%d,"updatedAt":%d,"profile":{"givenName":"User"},`+
				`"applicationId":"1zsrd4n5846e9fu0utplo","isSuspended":%t,"hasPassword":true}`,
				n, n, n, n, n, 1700000000000+n, 1700000000000+n, n%100 == 0)
		}
		_, _ = w.Write(append(body, ']')) // if this fails, so does the sync
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	api, err := logto.NewManagement(logto.ManagementConfig{Endpoint: server.URL, Resource: managementResource, ClientID: managementClient, Secret: managementSecret})
	if err != nil {
		b.Fatal(err)
	}
	return api
}

// watchHeap records in peak how many bytes the heap grew at most.
func watchHeap(peak *uint64) (done func()) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	size := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := size()
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			if now := size(); now > before {
				*peak = max(*peak, now-before)
			}
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	})
	return func() {
		close(stop)
		watching.Wait()
	}
}
