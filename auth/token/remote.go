package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"golang.org/x/sync/singleflight"
)

const (
	// refreshInterval is how often the keys are fetched without any need, so
	// that one the provider has withdrawn goes here too.
	refreshInterval = 10 * time.Minute
	// cooldown is how long after a fetch a token with an unknown key can't
	// cause another: whoever sends made-up key ids must not reach the provider.
	cooldown = 10 * time.Second
	// retryInterval is how long after a failed fetch the next one is tried.
	retryInterval = time.Second
	// fetchTimeout bounds one fetch.
	fetchTimeout = 5 * time.Second
	// maxDocument bounds the JWKS document in bytes.
	maxDocument = 1 << 20
)

// remoteKeys is a key storage filled from a JWKS endpoint.
type remoteKeys struct {
	jwkset.Storage // the keys of the last good fetch

	uri    string
	client *http.Client
	notify func(error)
	flight singleflight.Group // one fetch for all who wait
	set    *KeySet            // is told when keys are fetched and when one goes

	mu        sync.Mutex
	fetchedAt time.Time // of the last good fetch
	failedAt  time.Time // of the last fetch, if it failed
}

func newRemoteKeys(uri string, client *http.Client, notify func(error)) *remoteKeys {
	return &remoteKeys{
		Storage: jwkset.NewMemoryStorage(),
		uri:     uri,
		client:  client,
		notify:  notify,
	}
}

// newHTTPClient returns a client that stays with the configured URL: a key set
// that moves is a matter for the configuration, not for whoever answers there.
func newHTTPClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// run keeps the keys fresh until ctx is done.
func (r *remoteKeys) run(ctx context.Context) {
	for {
		interval := refreshInterval
		if err := r.refresh(ctx); err != nil {
			interval = retryInterval
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return
		}
	}
}

// KeyRead returns the key with the id, fetching the keys if there is none such.
// It returns jwkset.ErrKeyNotFound or ErrKeysUnavailable.
func (r *remoteKeys) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	key, err := r.Storage.KeyRead(ctx, id)
	if err == nil {
		return key, nil
	}
	if err := r.refresh(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	return r.Storage.KeyRead(ctx, id)
}

// KeyReadAll returns all keys, fetching them if there are none yet.
// It returns ErrKeysUnavailable.
func (r *remoteKeys) KeyReadAll(ctx context.Context) ([]jwkset.JWK, error) {
	keys, err := r.Storage.KeyReadAll(ctx)
	if err != nil || len(keys) > 0 {
		return keys, err
	}
	if err := r.refresh(ctx); err != nil {
		return nil, err
	}
	return r.Storage.KeyReadAll(ctx)
}

// refresh fetches the keys, or waits for the fetch under way, unless that was
// done a moment ago: it never waits for the moment to pass.
// It returns ErrKeysUnavailable if the keys at hand can't be called complete.
func (r *remoteKeys) refresh(ctx context.Context) error {
	if skip, err := r.skip(); skip {
		return err
	}
	done := r.flight.DoChan("", func() (any, error) {
		// Another fetch may have ended between the check above and here.
		if skip, err := r.skip(); skip {
			return nil, err
		}
		// Others wait for this fetch too: it must outlive the request that began it.
		err := r.fetch(context.WithoutCancel(ctx))
		r.settle(err)
		return nil, err
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return ErrKeysUnavailable
		}
		return nil
	case <-ctx.Done():
		return ErrKeysUnavailable
	}
}

// skip reports whether it is too early for another fetch, and the error with
// which to do without.
func (r *remoteKeys) skip() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failedAt.IsZero() {
		return time.Since(r.failedAt) < retryInterval, ErrKeysUnavailable
	}
	return time.Since(r.fetchedAt) < cooldown, nil
}

func (r *remoteKeys) fetch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.uri, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("key set endpoint answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil {
		return fmt.Errorf("read key set: %w", err)
	}
	if len(body) > maxDocument {
		return errors.New("key set is too large")
	}
	keys, err := parseKeys(body)
	if err != nil {
		return err
	}
	before, err := r.Storage.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if err := r.KeyReplaceAll(ctx, keys); err != nil {
		return err
	}
	if !containsAll(keys, before) {
		r.set.withdrawals.Add(1)
	}
	r.set.fetched.Store(began.Unix())
	return nil
}

func containsAll(keys, wanted []jwkset.JWK) bool {
	have := make(map[string]bool, len(keys))
	for _, key := range keys {
		have[identity(key)] = true
	}
	for _, key := range wanted {
		if !have[identity(key)] {
			return false
		}
	}
	return true
}

// identity tells a key from every other, whatever their ids say.
func identity(key jwkset.JWK) string {
	k := key.Marshal()
	return strings.Join([]string{k.KID, k.ALG.String(), k.X, k.Y, k.N, k.E}, " ")
}

// settle records how a fetch ended and tells of a change.
func (r *remoteKeys) settle(err error) {
	r.mu.Lock()
	wasFailing := !r.failedAt.IsZero()
	if err != nil {
		r.failedAt = time.Now()
	} else {
		r.fetchedAt, r.failedAt = time.Now(), time.Time{}
	}
	r.mu.Unlock()

	if failing := err != nil; failing != wasFailing {
		r.notify(err)
	}
}
