// Service auth tells who is calling: it validates Logto access tokens and
// makes sure that the person behind them has a user row.
package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/config"
	"encore.dev/rlog"

	"encore.app/auth/token"
)

// Config says which access tokens are accepted. Its values are in config.cue.
type Config struct {
	// Issuer is the identity provider, as its tokens spell it.
	Issuer config.String
	// JwksUri is where the identity provider publishes its keys.
	JwksUri config.String
	// ApiResourceIndicator is the audience of the tokens: this API's name in Logto.
	ApiResourceIndicator config.String
	// ClientId is the application that people sign in with.
	ClientId config.String
	// MoreClientIds are other applications whose tokens are accepted.
	MoreClientIds config.Values[string]
	// Algorithms are the signature algorithms that are accepted.
	Algorithms config.Values[string]
	// ClockSkewSeconds is the difference tolerated between the identity
	// provider's clock and ours: from 0 to 60.
	ClockSkewSeconds config.Int
	// TokenCacheMiB bounds the memory for remembering verified tokens.
	TokenCacheMiB config.Int
}

var cfg = config.Load[*Config]()

// Data is what endpoints learn about the caller besides the user id, which is
// the subject of the token.
type Data struct {
	// UserID is the person's internal id in the users database; 0 for a machine.
	UserID int64
	// ClientID is the application that calls.
	ClientID string
	// Scopes are the permissions that the token grants.
	Scopes []string
	// OrganizationID is the organization that the caller acts for; empty if
	// they act for themselves.
	OrganizationID string
	// Roles are those that the tenant adds to its tokens, as a custom claim.
	Roles []string
	// Email, Name, Username and Picture are the profile, as far as the tenant
	// adds it to its tokens, as custom claims; else empty.
	Email, Name, Username, Picture string
}

// Service owns what outlives a request: the identity provider's keys and the
// memory of tokens and people.
//
//encore:service
type Service struct {
	keys     *token.KeySet
	verifier *token.Verifier
	people   *people
	refusals *refusalLog
}

func initService() (*Service, error) {
	s, err := newService(settings{
		issuer:     cfg.Issuer(),
		jwksURI:    cfg.JwksUri(),
		audience:   cfg.ApiResourceIndicator(),
		clientID:   cfg.ClientId(),
		clientIDs:  cfg.MoreClientIds(),
		algorithms: cfg.Algorithms(),
		clockSkew:  time.Duration(cfg.ClockSkewSeconds()) * time.Second,
		cacheBytes: cfg.TokenCacheMiB() << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("auth/config.cue: %w", err)
	}
	return s, nil
}

// settings are the values of Config.
type settings struct {
	issuer, jwksURI, audience, clientID string
	clientIDs, algorithms               []string
	clockSkew                           time.Duration
	cacheBytes                          int
}

func newService(s settings) (*Service, error) {
	for _, field := range []struct{ name, value string }{
		{"Issuer", s.issuer},
		{"JwksUri", s.jwksURI},
		{"ApiResourceIndicator", s.audience},
		{"ClientId", s.clientID},
	} {
		if field.value == "" {
			return nil, errors.New(field.name + " is empty")
		}
	}
	keys, err := token.NewRemoteKeySet(s.jwksURI, logKeyFetch)
	if err != nil {
		return nil, fmt.Errorf("JwksUri: %w", err)
	}
	verifier, err := token.NewVerifier(token.Config{
		Issuer:     s.issuer,
		Audience:   s.audience,
		ClientIDs:  append([]string{s.clientID}, s.clientIDs...),
		Algorithms: s.algorithms,
		Leeway:     s.clockSkew,
		CacheBytes: s.cacheBytes,
	}, keys)
	if err != nil {
		keys.Close()
		return nil, err
	}
	return &Service{keys: keys, verifier: verifier, people: newPeople(), refusals: newRefusalLog(logRefusals)}, nil
}

// Shutdown ends the fetching of keys.
func (s *Service) Shutdown(context.Context) {
	s.keys.Close()
}

// AuthHandler validates the access token and ensures the person's row.
//
// It returns errs.Unauthenticated if the token is not acceptable, and
// errs.Unavailable if the identity provider's keys or the database can't be
// reached: an outage is no reason to sign anybody out.
//
//encore:authhandler
func (s *Service) AuthHandler(ctx context.Context, accessToken string) (auth.UID, *Data, error) {
	claims, err := s.verifier.Verify(ctx, accessToken)
	if err != nil {
		return "", nil, s.refuse(err)
	}
	userID, err := s.people.ensure(ctx, claims.Subject)
	if err != nil {
		return "", nil, err
	}
	return auth.UID(claims.Subject), &Data{
		UserID:   userID,
		ClientID: claims.ClientID,
		Scopes:   claims.Scopes,
	}, nil
}

func (s *Service) refuse(err error) error {
	var refused *token.InvalidError
	if errors.As(err, &refused) {
		s.refusals.add(refused.Reason)
		return &errs.Error{Code: errs.Unauthenticated, Message: refused.Message}
	}
	return &errs.Error{Code: errs.Unavailable, Message: "the identity provider can't be reached: try again in a moment"}
}

func logRefusals(reason string, count int) {
	rlog.Info("access token refused", "reason", reason, "count", count)
}

func logKeyFetch(err error) {
	if err != nil {
		rlog.Error("identity provider's keys can't be fetched, trying again every second", "err", err)
		return
	}
	rlog.Info("identity provider's keys can be fetched again")
}
