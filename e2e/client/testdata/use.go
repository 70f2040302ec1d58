// Command use uses the generated client as a program would: what is optional is
// left out.
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

func main() {
	ctx := context.Background()
	alice := signedIn(os.Getenv("ALICE"))

	made, err := alice.Todos.Create(ctx, client.TodosCreateParams{Text: "use the generated client"})
	check("a todo", made.ID > 0, err)

	done := true
	edited, err := alice.Todos.Edit(ctx, made.ID, client.TodosEditParams{Version: made.Version, Done: &done})
	check("an edit of one field", edited.Done && edited.Text == made.Text, err)

	all, err := alice.Todos.List(ctx, client.TodosListParams{})
	check("a list without parameters", len(all.Todos) > 0 && all.Todos[0].ID == made.ID, err)
	page, err := alice.Todos.List(ctx, client.TodosListParams{Limit: 1})
	check("a page", len(page.Todos) == 1, err)

	check("a deletion", true, alice.Todos.Delete(ctx, made.ID))
	me, err := alice.Users.Me(ctx)
	check("the caller", me.ID > 0, err)

	_, err = signedIn(os.Getenv("BOB")).Users.List(ctx, client.UsersListParams{})
	var refused *client.APIError
	check("a refusal", errors.As(err, &refused) && refused.Code == client.ErrPermissionDenied, nil)
}
