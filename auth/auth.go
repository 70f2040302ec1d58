// Service auth tells who is calling: it validates the access tokens of Logto or
// Auth0 and makes sure that the person behind them has a user row.
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

// Config says which access tokens are accepted. Its values are in config.cue.
type Config struct {
	// Provider is "logto" or "auth0".
	Provider config.String
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
	// OrganizationTokens says that Logto's tokens for an organization instead of
	// this API are accepted too.
	OrganizationTokens config.Bool
	// CustomClaimPrefix comes before the names of custom claims.
	CustomClaimPrefix config.String
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
// the subject of the token. Encore writes it into traces as it is, so nothing
// personal belongs here.
type Data struct {
	// UserID is the person's internal id in the users database; 0 for a machine.
	UserID int64
	// ClientID is the application that calls.
	ClientID string `trace:"what an administrator calls something"`
	// Scopes are the permissions that the token grants.
	Scopes []string `trace:"what an administrator calls something"`
	// OrganizationID is the organization that the caller acts for; empty if
	// they act for themselves.
	OrganizationID string `trace:"an id, of many people"`
	// Roles are those that the tenant adds to its tokens, as a custom claim.
	Roles []string `trace:"what an administrator calls something"`
	// Audiences are the APIs that the token is for.
	Audiences []string `trace:"what an administrator calls something"`
	// ExpiresAt is when the token expires.
	ExpiresAt time.Time
}

// Service owns what outlives a request: the identity provider's keys and the
// memory of tokens and people.
//
//encore:service
type Service struct {
	keys     *token.KeySet
	verifier *token.Verifier
	people   *people
	refusals *fault.Lines
	measured measured
	stop     context.CancelFunc
	running  sync.WaitGroup
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

// settings are the values of Config.
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
	service := &Service{keys: keys, verifier: verifier, people: people, refusals: fault.NewLines(rlog.Info), stop: stop}
	service.running.Go(func() { checkProvider(ctx, s.issuer, s.jwksURI, rlog.Warn) })
	service.running.Go(func() { background.Every(ctx, background.MeasureInterval, measure) })
	service.running.Go(func() { people.changes.run(ctx) })
	service.running.Go(func() {
		tellIdentityProvider(ctx, s.jwksURI, func(ctx context.Context, p *users.IdentityProviderParams) error {
			return users.SetIdentityProvider(ctx, p) // Encore allows an endpoint to be called but not to be a value
		})
	})
	return service, nil
}

// Shutdown ends what goes on in the background.
func (s *Service) Shutdown(context.Context) {
	s.stop()
	s.keys.Close()
	s.running.Wait()
}

// Credentials are what the auth handler reads of a request.
type Credentials struct {
	// Authorization is the header that carries the access token.
	Authorization string `header:"Authorization" encore:"sensitive"`
}

// MarshalJSON keeps the token out of traces. Encore would blank it itself, but
// not when it runs locally.
func (*Credentials) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }

// AuthHandler validates the access token and ensures the person's row.
//
// It returns errs.Unauthenticated if the token is not acceptable or the person
// was deleted, errs.PermissionDenied if they are suspended, errs.ResourceExhausted
// if too many tokens are being verified, and errs.Unavailable if the identity
// provider's keys or the database can't be reached: an outage is no reason to
// sign anybody out.
//
// Encore calls it before public endpoints too, if a call carries the header. It
// does not say which endpoint is called, and only errs.Unauthenticated lets the
// call of a public one go on, as nobody's.
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
	// Encore writes the headers into the trace of the endpoint that is called
	// next, which needs this one no more.
	header.Del("Authorization")
	return auth.UID(claims.Subject), data, nil
}

// Ready returns errs.Unavailable until the identity provider's keys have been
// fetched once: without them no token can be verified.
//
//encore:api private
func (s *Service) Ready(context.Context) error {
	if s.keys.Stats().FetchedAt.IsZero() {
		return errKeysUnavailable
	}
	return nil
}

// VerifyParams are the parameters of Verify.
type VerifyParams struct {
	// Token is an access token.
	Token string `encore:"sensitive"`
	// AnyAudience says that it may be for another API than this. Its scopes,
	// roles and organization are for the API in its audience then: give no
	// permission by them here. It makes and changes no row, so that the UserID of
	// a person who never called this API is 0.
	AnyAudience bool
}

// VerifyResponse is the answer of Verify.
type VerifyResponse struct {
	// Subject is the id in Logto of the person or machine.
	Subject string `trace:"the user id, which Encore notes of each call"`
	// Data is what endpoints learn about the caller.
	Data *Data
}

// Verify judges an access token as the auth handler does, for services that are
// given one by other means than the Authorization header. It returns the errors
// of AuthHandler.
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

// identify tells who bears an access token that verify accepts.
func (s *Service) identify(ctx context.Context, accessToken string, verify func(context.Context, string) (*token.Claims, error)) (*token.Claims, *Data, error) {
	claims, err := verify(ctx, accessToken)
	if err != nil {
		return nil, nil, s.refuse(err)
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
	case claims.Machine: // has no row
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

// refuse returns what the client is told when a token isn't accepted.
func (s *Service) refuse(err error) error {
	var invalid *token.InvalidError
	switch {
	case errors.As(err, &invalid):
		s.logRefusal(invalid)
		verifications.With(VerificationLabels{"rejected", invalid.Reason}).Increment()
		return &errs.Error{Code: errs.Unauthenticated, Message: invalid.Message}
	case errors.Is(err, token.ErrBusy):
		s.refusals.Add("access token not verified: busy", "reason", "busy")
		verifications.With(VerificationLabels{Outcome: "busy"}).Increment()
		return fault.TooMany("too many access tokens are being verified: try again in a moment", time.Second)
	case errors.Is(err, context.Canceled):
		return &errs.Error{Code: errs.Canceled, Message: "the call was canceled"}
	}
	verifications.With(VerificationLabels{Outcome: "unavailable"}).Increment()
	return errKeysUnavailable
}

var errKeysUnavailable = fault.Unavailable("the identity provider can't be reached: try again in a moment")

// logRefusal logs why a token is refused. What is usually misconfigured, and no
// secret, is named: the issuer, the audience and the client id.
func (s *Service) logRefusal(refused *token.InvalidError) {
	about := []any{"reason", refused.Reason}
	if refused.Expected != "" {
		about = append(about, "expected", quote(refused.Expected), "received", quote(refused.Received))
	}
	s.refusals.Add("access token refused: "+refused.Reason, about...)
}

// quote quotes the beginning of a text, which may be an attacker's.
func quote(text string) string { return fmt.Sprintf("%.200q", text) }

func logKeyFetch(err error) {
	if err != nil {
		rlog.Error("identity provider's keys can't be fetched, trying again every second", "err", err)
		return
	}
	rlog.Info("identity provider's keys can be fetched again")
}
