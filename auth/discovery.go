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
	// discoveryTimeout bounds one request for the discovery document.
	discoveryTimeout = 5 * time.Second
	// discoveryRetry is how often the provider is asked until it answers.
	discoveryRetry = time.Minute
	// maxDiscovery bounds the document in bytes.
	maxDiscovery = 1 << 20
)

// discovery is what an identity provider says of itself (OpenID Connect
// Discovery 1.0, section 3), as far as it is in the configuration too.
type discovery struct {
	Issuer  string `json:"issuer"`
	JwksURI string `json:"jwks_uri"`
}

// checkProvider compares the configured issuer and address of the keys with what
// the identity provider says, and warns of differences: with a wrong issuer the
// application starts and then refuses every token. It asks until it gets an
// answer or the context ends.
func checkProvider(ctx context.Context, issuer, jwksURI string, warn func(message string, keysAndValues ...any)) {
	for {
		d, err := discover(ctx, issuer)
		if err == nil {
			d.compare(issuer, jwksURI, warn)
			return
		}
		if ctx.Err() == nil {
			warn("auth/config.cue: Issuer can't be checked: no discovery document there, trying again every minute. Logto's Issuer ends in /oidc",
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
		warn("auth/config.cue: Issuer is not what the identity provider calls itself, so its tokens are refused: take the provider's",
			"configured", quote(issuer), "provider", quote(d.Issuer))
	}
	if d.JwksURI != jwksURI {
		warn("auth/config.cue: JwksUri is not where the identity provider says that its keys are: is that meant?",
			"configured", quote(jwksURI), "provider", quote(d.JwksURI))
	}
}

// discover fetches the discovery document of an issuer (section 4.1).
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
