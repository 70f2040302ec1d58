package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	// fetchTimeout bounds one fetch.
	fetchTimeout = 5 * time.Second
	// maxDocument bounds the JWKS document in bytes.
	maxDocument = 1 << 20
)

// source is where an identity provider publishes its keys.
type source struct {
	uri    string
	client *http.Client
}

func newSource(uri string) source {
	return source{uri, &http.Client{
		// A key set that moves is a matter for the configuration, not for
		// whoever answers there.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fetch returns the keys published now, at least one.
func (s source) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.uri, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("key set endpoint answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	if len(body) > maxDocument {
		return nil, errors.New("key set is too large")
	}
	return parseKeys(body)
}
