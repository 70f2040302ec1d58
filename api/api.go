// Service api has the smallest endpoints there can be: one that anybody may call
// and one that only a signed-in person may. A load balancer asks it too whether
// the application is ready.
package api

import (
	"context"

	"encore.dev/beta/auth"
)

// HelloResponse is the answer of Hello.
type HelloResponse struct {
	// Message greets the caller by the subject of their access token.
	Message string `json:"message" trace:"the user id, which Encore notes of each call"`
}

// Hello greets the caller.
//
//encore:api auth sensitive method=GET path=/api/hello tag:no-scope
func Hello(context.Context) (*HelloResponse, error) {
	uid, _ := auth.UserID()
	return &HelloResponse{Message: "Hello, " + string(uid) + "!"}, nil
}

// PingResponse is the answer of Ping.
type PingResponse struct {
	// Message is "pong".
	Message string `json:"message" trace:"always the same"`
}

// Ping answers anybody, to show that the backend is up.
//
//encore:api public sensitive method=GET path=/api/ping
func Ping(context.Context) (*PingResponse, error) {
	return &PingResponse{Message: "pong"}, nil
}
