package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	discoveryTimeout = 5 * time.Second
	discoveryRetry   = time.Minute
	maxDiscovery     = 1 << 20
)

// discovery is the part of a discovery document that is also configured (OpenID
// Connect Discovery 1.0, section 3).
type discovery struct {
	Issuer  string `json:"issuer"`
	JwksURI string `json:"jwks_uri"`
}

// checkProvider compares the configuration with the provider's discovery document
// and logs a warning if they differ. With a wrong issuer the application starts
// but rejects every token. It tries again until it has the document.
func checkProvider(ctx context.Context, issuer, jwksURI string, warn func(message string, keysAndValues ...any)) {
	for {
		d, err := discover(ctx, issuer)
		if err == nil {
			d.compare(issuer, jwksURI, warn)
			return
		}
		if ctx.Err() == nil {
			warn("auth/config.cue: Issuer can't be checked, its discovery document can't be read, trying again every minute. Logto's Issuer ends in /oidc",
				"issuer", issuer, "err", err)
		}
		select {
		case <-time.After(discoveryRetry):
		case <-ctx.Done():
			return
		}
	}
}

func (d discovery) compare(issuer, jwksURI string, warn func(message string, keysAndValues ...any)) {
	if d.Issuer != issuer {
		warn("auth/config.cue: Issuer differs from the one in the discovery document, so tokens are rejected: use the provider's",
			"configured", quote(issuer), "provider", quote(d.Issuer))
	}
	if d.JwksURI != jwksURI {
		warn("auth/config.cue: JwksUri differs from the one in the discovery document: check it",
			"configured", quote(jwksURI), "provider", quote(d.JwksURI))
	}
}

// discover fetches the discovery document (section 4.1).
func discover(ctx context.Context, issuer string) (d discovery, err error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	address := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return d, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return d, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return d, fmt.Errorf("%s answered %s", address, resp.Status)
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, maxDiscovery)).Decode(&d)
	return d, err
}
