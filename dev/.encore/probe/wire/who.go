// Service wire has an endpoint for each row of the wire table.
package wire

import (
	"context"

	"encore.dev/beta/auth"

	"probe.app/caller"
)

// Caller is who makes a request.
type Caller struct {
	UID      auth.UID     `json:"uid"`
	SignedIn bool         `json:"signed_in"`
	Data     *caller.Data `json:"data"`
}

func whoCalls() Caller {
	uid, ok := auth.UserID()
	data, _ := auth.Data().(*caller.Data)
	return Caller{uid, ok, data}
}

// WhoResponse is who makes a request, as the endpoint and a goroutine of it see it.
type WhoResponse struct {
	Endpoint  Caller `json:"endpoint"`
	Goroutine Caller `json:"goroutine"`
}

func who() *WhoResponse {
	seen := make(chan Caller)
	go func() { seen <- whoCalls() }()
	return &WhoResponse{Endpoint: whoCalls(), Goroutine: <-seen}
}

// Public answers anybody.
//
//encore:api public method=GET path=/public
func Public(context.Context) (*WhoResponse, error) { return who(), nil }

// Auth answers those who are signed in.
//
//encore:api auth method=GET path=/auth
func Auth(context.Context) (*WhoResponse, error) { return who(), nil }

// Private answers other services.
//
//encore:api private method=GET path=/private
func Private(context.Context) (*WhoResponse, error) { return who(), nil }

// late holds who called StartLate, as seen after its answer.
var late = make(chan Caller, 1)

// StartLate starts a goroutine that outlives the request.
//
//encore:api auth method=POST path=/late
func StartLate(ctx context.Context) error {
	go func() {
		<-ctx.Done() // the answer is out
		late <- whoCalls()
	}()
	return nil
}

// Late waits for the goroutine that StartLate started.
//
//encore:api public method=GET path=/late
func Late(ctx context.Context) (*Caller, error) {
	select {
	case c := <-late:
		return &c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Verify has another service, by a method of its service struct, verify a token.
//
//encore:api public method=GET path=/verify/:token
func Verify(ctx context.Context, token string) (*caller.VerifyResponse, error) {
	return caller.Verify(ctx, &caller.VerifyParams{Token: token})
}
