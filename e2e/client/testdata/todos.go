package main

import (
	"context"

	"use/client"
)

func init() { examples = append(examples, useTodos) }

func useTodos(ctx context.Context, alice *client.Client) {
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
}
