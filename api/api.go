// Service api has two minimal endpoints and the readiness check.
package api

import (
	"context"

	"encore.dev/beta/auth"
)

type HelloResponse struct {
	// Message greets the caller by their access token's subject.
	Message string `json:"message" trace:"the user id, which Encore records for every call"`
}

// Hello greets the caller.
//
//encore:api auth sensitive method=GET path=/api/hello tag:no-scope
func Hello(context.Context) (*HelloResponse, error) {
	uid, _ := auth.UserID()
	return &HelloResponse{Message: "Hello, " + string(uid) + "!"}, nil
}

type PingResponse struct {
	// Message is "pong".
	Message string `json:"message" trace:"always the same"`
}

// Ping shows that the backend is up.
//
//encore:api public sensitive method=GET path=/api/ping
func Ping(context.Context) (*PingResponse, error) {
	return &PingResponse{Message: "pong"}, nil
}
