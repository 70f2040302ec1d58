// Command use calls the backend with the generated client, without optional
// parameters.
package main

import (
	"context"
	"errors"
	"log"
	"os"

	"use/client"
)

func signedIn(token string) *client.Client {
	c, err := client.New(client.BaseURL(os.Getenv("BASE_URL")), client.WithAuth(client.AuthCredentials{Authorization: "Bearer " + token}))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func check(what string, holds bool, err error) {
	if err != nil || !holds {
		log.Fatalf("%s: %v", what, err)
	}
}

// examples calls the examples' endpoints. Each example has its own file.
var examples []func(context.Context, *client.Client)

func main() {
	ctx := context.Background()
	alice := signedIn(os.Getenv("ALICE"))

	for _, use := range examples {
		use(ctx, alice)
	}
	me, err := alice.Users.Me(ctx)
	check("the caller", me.ID > 0, err)

	_, err = signedIn(os.Getenv("BOB")).Users.List(ctx, client.UsersListParams{})
	var refused *client.APIError
	check("a refusal", errors.As(err, &refused) && refused.Code == client.ErrPermissionDenied, nil)
}
