// Service auth authenticates callers. It verifies access tokens from Logto or
// Auth0 and makes sure that each person has a user row.
package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	encore "encore.dev"
	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/config"
	"encore.dev/rlog"

	"encore.app/auth/token"
	"encore.app/internal/background"
	"encore.app/internal/fault"
	"encore.app/users"
)

// Config says which access tokens are accepted. config.cue has the values.
type Config struct {
	// Provider is "logto" or "auth0".
	Provider config.String
	// Issuer is the expected "iss" claim.
	Issuer config.String
	// JwksUri is the URL of the identity provider's public keys.
	JwksUri config.String
	// ApiResourceIndicator is the expected audience.
	ApiResourceIndicator config.String
	ClientId             config.String
	MoreClientIds        config.Values[string]
	// OrganizationTokens also accepts Logto's tokens for an organization.
	OrganizationTokens config.Bool
	CustomClaimPrefix  config.String
	Algorithms         config.Values[string]
	// ClockSkewSeconds is the tolerated clock difference, from 0 to 60.
	ClockSkewSeconds config.Int
	// TokenCacheMiB limits the memory for verified tokens.
	TokenCacheMiB config.Int
}

var cfg = config.Load[*Config]()

// Data describes the caller to endpoints. Encore writes it into traces, so it
// must not hold personal data. The user id is the token's subject.
type Data struct {
	// UserID is the internal id in the users database, or 0 for a machine.
	UserID   int64
	ClientID string   `trace:"names that an administrator chose"`
	Scopes   []string `trace:"names that an administrator chose"`
	// OrganizationID is empty if the caller acts for themselves.
	OrganizationID string   `trace:"an id that many people share"`
	Roles          []string `trace:"names that an administrator chose"`
	Audiences      []string `trace:"names that an administrator chose"`
	ExpiresAt      time.Time
}

// Service authenticates callers.
//
//encore:service
type Service struct {
	keys       *token.KeySet
	verifier   *token.Verifier
	people     *people
	rejections *fault.Lines
	measured   measured
	stop       context.CancelFunc
	running    sync.WaitGroup
}

func initService() (*Service, error) {
	s, err := newService(settings{
		provider:           cfg.Provider(),
		issuer:             cfg.Issuer(),
		jwksURI:            cfg.JwksUri(),
		audience:           cfg.ApiResourceIndicator(),
		organizationTokens: cfg.OrganizationTokens(),
		clientID:           cfg.ClientId(),
		clientIDs:          cfg.MoreClientIds(),
		customClaimPrefix:  cfg.CustomClaimPrefix(),
		algorithms:         cfg.Algorithms(),
		clockSkew:          time.Duration(cfg.ClockSkewSeconds()) * time.Second,
		cacheBytes:         cfg.TokenCacheMiB() << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("auth/config.cue: %w", err)
	}
	return s, nil
}

type settings struct {
	provider, issuer, jwksURI, audience string
	organizationTokens                  bool
	clientID                            string
	clientIDs                           []string
	customClaimPrefix                   string
	algorithms                          []string
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
		Provider:           s.provider,
		Issuer:             s.issuer,
		Audience:           s.audience,
		OrganizationTokens: s.organizationTokens,
		ClientIDs:          append([]string{s.clientID}, s.clientIDs...),
		CustomClaimPrefix:  s.customClaimPrefix,
		Algorithms:         s.algorithms,
		Leeway:             s.clockSkew,
		CacheBytes:         s.cacheBytes,
	}, keys)
	if err != nil {
		keys.Close()
		return nil, err
	}
	people := newPeople()
	ctx, stop := context.WithCancel(context.Background())
	service := &Service{keys: keys, verifier: verifier, people: people, rejections: fault.NewLines(rlog.Info), stop: stop}
	service.running.Go(func() { checkProvider(ctx, s.issuer, s.jwksURI, rlog.Warn) })
	service.running.Go(func() { background.Every(ctx, background.MeasureInterval, measure) })
	service.running.Go(func() { people.changes.run(ctx) })
	service.running.Go(func() {
		reportIdentityProvider(ctx, s.jwksURI, func(ctx context.Context, p *users.IdentityProviderParams) error {
			return users.SetIdentityProvider(ctx, p) // Encore doesn't allow an endpoint as a value
		})
	})
	return service, nil
}

// Shutdown stops the background work.
func (s *Service) Shutdown(context.Context) {
	s.stop()
	s.keys.Close()
	s.running.Wait()
}

// Credentials are the headers that the auth handler reads.
type Credentials struct {
	Authorization string `header:"Authorization" encore:"sensitive"`
}

// MarshalJSON keeps the token out of traces. Encore removes it from traces too,
// but not when it runs locally.
func (*Credentials) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }

// AuthHandler verifies the access token and makes sure the person has a row.
//
// It returns errs.Unauthenticated if the token is invalid or the person was
// deleted, errs.PermissionDenied if they are suspended, errs.ResourceExhausted
// if too many tokens are being verified, and errs.Unavailable if the identity
// provider's keys or the database can't be reached: an outage must not sign
// anyone out.
//
// Encore also calls it for public endpoints if the request has the header. If it
// then returns errs.Unauthenticated, the call continues without a caller. Any
// other error rejects the call.
//
//encore:authhandler
func (s *Service) AuthHandler(ctx context.Context, c *Credentials) (auth.UID, *Data, error) {
	accessToken := token.Bearer(c.Authorization)
	if accessToken == "" {
		return "", nil, &errs.Error{Code: errs.Unauthenticated, Message: "invalid auth param"}
	}
	header := encore.CurrentRequest().Headers
	claims, data, err := s.identify(ctx, accessToken, s.verifier.Verify)
	err = forHasura(header, err)
	if err != nil {
		return "", nil, err
	}
	// Encore writes the headers into the endpoint's trace.
	header.Del("Authorization")
	return auth.UID(claims.Subject), data, nil
}

// Ready returns errs.Unavailable until the identity provider's keys have been
// fetched once.
//
//encore:api private
func (s *Service) Ready(context.Context) error {
	if s.keys.Stats().FetchedAt.IsZero() {
		return errKeysUnavailable
	}
	return nil
}

type VerifyParams struct {
	Token string `encore:"sensitive"`
	// AnyAudience also accepts tokens for other APIs. Never grant access by the
	// scopes, roles or organization of such a token: they are for the API in its
	// audience. It creates no user row, so UserID is 0 for a person who never
	// called this API.
	AnyAudience bool
}

type VerifyResponse struct {
	Subject string `trace:"the user id, which Encore records for every call"`
	Data    *Data
}

// Verify verifies an access token as AuthHandler does and returns the same
// errors. It is for services that don't get the token in the Authorization
// header.
//
//encore:api private
func (s *Service) Verify(ctx context.Context, p *VerifyParams) (*VerifyResponse, error) {
	verify := s.verifier.Verify
	if p.AnyAudience {
		verify = s.verifier.VerifyAnyAudience
	}
	claims, data, err := s.identify(ctx, p.Token, verify)
	if err != nil {
		return nil, err
	}
	return &VerifyResponse{Subject: claims.Subject, Data: data}, nil
}

func (s *Service) identify(ctx context.Context, accessToken string, verify func(context.Context, string) (*token.Claims, error)) (*token.Claims, *Data, error) {
	claims, err := verify(ctx, accessToken)
	if err != nil {
		return nil, nil, s.toAPIError(err)
	}
	data := &Data{
		ClientID:       claims.ClientID,
		Scopes:         claims.Scopes,
		OrganizationID: claims.OrganizationID,
		Roles:          claims.Roles,
		Audiences:      claims.Audience,
		ExpiresAt:      claims.ExpiresAt.Time,
	}
	switch {
	case claims.Machine: // a machine has no user row
	case claims.OtherAPI:
		data.UserID, err = s.people.find(ctx, claims.Subject)
	default:
		data.UserID, err = s.people.ensure(ctx, claims)
	}
	if err != nil {
		countLockedOut(err)
		return nil, nil, err
	}
	return claims, data, nil
}

// toAPIError returns the error for the client.
func (s *Service) toAPIError(err error) error {
	var invalid *token.InvalidError
	switch {
	case errors.As(err, &invalid):
		s.logRejection(invalid)
		verifications.With(VerificationLabels{"rejected", invalid.Reason}).Increment()
		return &errs.Error{Code: errs.Unauthenticated, Message: invalid.Message}
	case errors.Is(err, token.ErrBusy):
		s.rejections.Add("access token not verified: busy", "reason", "busy")
		verifications.With(VerificationLabels{Outcome: "busy"}).Increment()
		return fault.TooMany("too many access tokens are being verified: try again in a moment", time.Second)
	case errors.Is(err, context.Canceled):
		return &errs.Error{Code: errs.Canceled, Message: "the call was canceled"}
	}
	verifications.With(VerificationLabels{Outcome: "unavailable"}).Increment()
	return errKeysUnavailable
}

var errKeysUnavailable = fault.Unavailable("the identity provider can't be reached: try again in a moment")

// logRejection logs the reason, and the values of claims that are often misconfigured.
// It never logs the token.
func (s *Service) logRejection(rejected *token.InvalidError) {
	about := []any{"reason", rejected.Reason}
	if rejected.Expected != "" {
		about = append(about, "expected", quote(rejected.Expected), "received", quote(rejected.Received))
	}
	s.rejections.Add("access token rejected: "+rejected.Reason, about...)
}

// quote truncates and quotes text that an attacker may have written.
func quote(text string) string { return fmt.Sprintf("%.200q", text) }

func logKeyFetch(err error) {
	if err != nil {
		rlog.Error("identity provider's keys can't be fetched, trying again every second", "err", err)
		return
	}
	rlog.Info("identity provider's keys can be fetched again")
}
